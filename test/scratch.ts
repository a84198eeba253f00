/** A project of its own for tests that change what lies in one: the same library and packages, other data, notebooks and outputs. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { projectPath } from '../lib/base/project';

/** An empty project but for what is shared with this one, which is linked; `more` paths are linked too. Removed when the test ends. */
export function scratchProject(context: TestContext, more: readonly string[] = []): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'faces-project-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const made of ['outputs', 'data/cache', 'notebooks']) mkdirSync(path.join(folder, made), { recursive: true });
  for (const shared of [
    'package.json',
    'requirements.txt',
    'requirements-tensorflow.txt',
    'lib',
    'node_modules',
    '.venv',
    '.cache',
    'data/model',
    ...more,
  ])
    symlinkSync(projectPath(shared), path.join(folder, shared));
  return folder;
}

/** A notebook of code cells for the course's kernel, as JSON. */
export function notebookOf(sources: readonly string[]): string {
  const cells = sources.map((source, index) => ({
    cell_type: 'code',
    id: `cell-${index}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  const kernelspec = { name: 'tslab', display_name: 'TypeScript (course)', language: 'typescript' };
  return JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 });
}
