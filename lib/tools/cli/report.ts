/** `npm run report`: from a run's executed notebooks to pages that anybody can open, `outputs/<run>/reports/`. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../base/errors';
import { readJson, writeFileAtomically } from '../../base/files';
import { projectPath, projectRoot, shownPath } from '../../base/project';
import { runNotes } from '../../course/recipe';
import { readRunHistory } from '../../figures/run';
import { escapeHtml, plotlyLibraryHtml } from '../../pages/html';
import { footerHtml, indexPageHtml, type PageLink } from '../../pages/page';
import { requireRun } from '../../run/run';
import { jupyterEnvironment, venvPython } from '../setup/python';
import type { Command } from './command';

export const command: Command = {
  summary: "Exports a run's executed notebooks to self-contained HTML pages with an index.",
  options: {
    run: { type: 'string', value: 'name', help: 'the run below outputs/; without it the newest' },
    'no-faces': { type: 'boolean', help: 'leave out every photo, for passing on where terms forbid sharing' },
  },
  needs: 'jupyter',
  async run(args) {
    const run = requireRun(args.text('run'));
    process.stdout.write(`${shownPath(await exportReports(run.folder, { faces: !args.flag('no-faces') }))}\n`);
  },
};

const LARGEST_PAGE_BYTES = 6_000_000;

/**
 * Exports every executed notebook of the run and an index, and returns the index's path. Without `faces` every photo of a
 * real person is left out. Throws an InputError where nothing was executed yet, or where a notebook cannot be exported.
 */
export async function exportReports(runFolder: string, { faces }: { readonly faces: boolean }): Promise<string> {
  const executed = path.join(runFolder, 'notebooks');
  const names = existsSync(executed) ? readdirSync(executed).filter((name) => /^[^.].*\.ipynb$/.test(name)) : [];
  if (names.length === 0) {
    throw new InputError(`${executed}: no executed notebook. Expected those that npm run walkthrough makes; run it first.`);
  }
  const reports = path.join(runFolder, 'reports');
  mkdirSync(reports, { recursive: true });
  const run = path.basename(runFolder);
  const { config, history, provenance, split, baselines } = readRunHistory(runFolder);
  const footer = footerHtml({ run, ...provenance, configuration: config });
  const links = names.sort().map((name) => pageLink(path.join(executed, name)));
  const pages = names.map((name, index) => ({
    notebook: path.join(executed, name),
    source: projectPath('notebooks', name),
    page: path.join(reports, links[index].href),
    title: links[index].title,
    navigation: navigationHtml(links[index - 1], links[index + 1]),
  }));
  await runExporter({ library: plotlyLibraryHtml(), footer, faces, pages });
  const index = path.join(reports, 'index.html');
  const { data, weights } = provenance;
  const notes = runNotes(data?.kind === 'drawn', weights?.kind, split?.validation ?? []);
  await writeFileAtomically(
    index,
    indexPageHtml({ run, config, dataLabel: data?.label, notes, history, baselines, pages: links, faces, footer }),
  );
  return index;
}

/** Title and question as the notebook itself has them: its first heading, and the first line of text below. */
function pageLink(notebook: string): PageLink {
  const { cells } = readJson<{ cells: { cell_type: string; source: string | string[] }[] }>(notebook);
  const first = cells.find((cell) => cell.cell_type === 'markdown')?.source ?? '';
  const lines = (Array.isArray(first) ? first.join('') : first).split('\n').map((line) => line.trim());
  const name = path.basename(notebook, '.ipynb');
  const heading = lines.findIndex((line) => line.startsWith('# '));
  const below = lines.slice(heading + 1).find((line) => line !== '') ?? '';
  const question = below
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`>]/g, '')
    .trim();
  return { href: `${name}.html`, title: heading < 0 ? name : lines[heading].slice(2), question };
}

function navigationHtml(previous: PageLink | undefined, next: PageLink | undefined): string {
  const link = (page: PageLink | undefined, relation: string, text: (title: string) => string) =>
    page ? `<a rel="${relation}" href="${escapeHtml(page.href)}">${text(escapeHtml(page.title))}</a>` : '<span></span>';
  return [
    link(previous, 'prev', (title) => `← ${title}`),
    '<a href="index.html">All pages of this run</a>',
    link(next, 'next', (title) => `${title} →`),
  ].join('');
}

/** Runs nbconvert once for all pages; it starts in about two seconds. */
async function runExporter(job: { readonly pages: readonly { readonly page: string }[] } & Record<string, unknown>): Promise<void> {
  const child = spawn(venvPython(), [projectPath('notebooks', 'kernel', 'export.py')], {
    cwd: projectRoot(),
    env: jupyterEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const [printed, complaints]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  child.stdin.on('error', () => undefined); // it ended early; its exit code and last words tell why
  child.stdin.end(JSON.stringify(job));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) {
    const last = complaints.join('').trim().split('\n').at(-1);
    throw new InputError(`The reports could not be exported: ${last || `exit ${code}`}. Run the walkthrough again, then npm run report.`);
  }
  for (const line of printed.join('').trim().split('\n')) {
    const { page, bytes }: { page: string; bytes: number } = JSON.parse(line);
    if (bytes > LARGEST_PAGE_BYTES) process.stderr.write(`${page}: ${(bytes / 1e6).toFixed(1)} MB, more than a page should have.\n`);
  }
}
