/** The notebooks on a run of the preset best, small: all of them run, and say what is true for it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { runCommand, succeeded } from '../command';

const NAME = `zz-best-${process.pid}`;
const folder = projectPath('outputs', NAME);
const temporary = mkdtempSync(path.join(os.tmpdir(), 'best-'));
after(() => {
  for (const made of [folder, temporary]) rmSync(made, { recursive: true, force: true });
});

test('a walkthrough of the preset best ends with pages that describe its recipe', () => {
  const settings = path.join(temporary, 'best.json');
  writeFileSync(settings, JSON.stringify({ preset: 'best', imageSize: 48, limit: 120, epochs: 1, augmentation: { cropPx: 32 } }));
  succeeded(runCommand(['walkthrough', '--preset', settings, '--run', NAME]));
  const page = (start: string): string => {
    const name = readdirSync(path.join(folder, 'reports')).find((file) => file.startsWith(start));
    assert.ok(name, start);
    return readFileSync(path.join(folder, 'reports', name), 'utf8');
  };
  assert.match(page('02'), /age head of this run: a softmax over 117 one-year bins/);
  assert.match(page('02'), /says 58\.0 years, female 50 %/);
  for (const session of ['03', '04']) {
    const html = page(session);
    assert.match(html, /augmented anew in every epoch: cut to 32 px/);
    assert.match(html, /age loss \(years²\)/);
    assert.equal((html.match(/<figure class="plot"/g) ?? []).length, 2, 'the live curves, once each');
  }
  assert.match(page('04'), /Nothing to compare in this run: its age head is a distribution/);
  assert.equal((page('04').match(/>epoch \d<\/figcaption>/g) ?? []).length, 8, 'eight versions of a face');
  assert.match(page('05'), /Mean squared error \(years²\)/);
  assert.deepEqual(readdirSync(path.join(folder, 'tensorboard')).sort(), ['training', 'validation']);
});
