/** The course as a reader meets it, small: every notebook through the real kernel, every page in a real browser. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { readJson } from '../../lib/base/files';
import { projectPath } from '../../lib/base/project';
import type { RunMetrics } from '../../lib/training/finish';
import type { EpochRecord } from '../../lib/training/history';
import { type Outcome, runCommand, succeeded } from '../command';
import { browserMissing, drawnSizes, openBrowser, openPage } from './chromium';

const SMALL = ['--preset', 'demo', '--limit', '160', '--epochs', '2', '--image-size', '64'];
const NAME = `zz-walkthrough-${process.pid}`;
const folder = projectPath('outputs', NAME);
const headless = `${folder}-headless`;
const skip = browserMissing();
let outcome: Outcome;

before(() => {
  outcome = runCommand(['walkthrough', ...SMALL, '--run', NAME]);
});
after(() => {
  for (const made of [folder, headless]) rmSync(made, { recursive: true, force: true });
});

test('the walkthrough runs all notebooks and names its index page', () => {
  succeeded(outcome);
  assert.match(outcome.stdout, new RegExp(`Open outputs/${NAME}/reports/index.html`));
  const pages = readdirSync(path.join(folder, 'reports')).sort();
  const notebooks = readdirSync(projectPath('notebooks')).filter((name) => name.endsWith('.ipynb'));
  assert.deepEqual(
    pages,
    [...notebooks.map((name) => name.replace('.ipynb', '.html')), 'demo.html', 'index.html', 'model-card.html'].sort(),
  );
  assert.match(readFileSync(path.join(folder, 'reports', 'index.html'), 'utf8'), /The model on a page: <a href="demo.html">/);
});

test('the run folder holds all that a run made', () => {
  for (const file of [
    'config.json',
    'provenance.json',
    'split.json',
    'history.json',
    'metrics.json',
    'model/model.json',
    'model/weights.bin',
  ]) {
    assert.ok(existsSync(path.join(folder, file)), file);
  }
  const history = readJson<EpochRecord[]>(path.join(folder, 'history.json'));
  assert.deepEqual(
    history.map(({ session, epoch }) => [session, epoch]),
    [
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
    ],
  );
});

test('no committed notebook carries outputs, and every executed cell has its number', () => {
  for (const name of readdirSync(projectPath('notebooks')).filter((file) => file.endsWith('.ipynb'))) {
    const committed = readFileSync(projectPath('notebooks', name), 'utf8');
    assert.ok(!committed.includes('"output_type"'), name);
    const { cells } = readJson<{ cells: { cell_type: string; execution_count: number | null }[] }>(path.join(folder, 'notebooks', name));
    const counts = cells.filter(({ cell_type }) => cell_type === 'code').map(({ execution_count }) => execution_count);
    assert.deepEqual(
      counts,
      counts.map((_, index) => index + 1),
      name,
    );
  }
});

test('training without Jupyter makes the same weights and the same history', () => {
  succeeded(runCommand(['train', ...SMALL, '--run', path.basename(headless)]));
  const [here, there] = [folder, headless].map((run) => ({
    weights: readJson<RunMetrics>(path.join(run, 'metrics.json')).weightsSha256,
    history: readJson<EpochRecord[]>(path.join(run, 'history.json')).map(({ seconds: _, imagesPerSecond: __, ...rest }) => rest),
  }));
  assert.deepEqual(there, here);
});

test('the saved model gives the validation figures of its run, and knows its own training images', () => {
  const { stdout } = succeeded(runCommand(['evaluate', '--model', path.join(folder, 'model'), '--split', 'run', '--json']));
  const evaluation = JSON.parse(stdout);
  const { validation, validationImages, baseline } = readJson<RunMetrics>(path.join(folder, 'metrics.json'));
  assert.equal(evaluation.trainingImages, 0);
  assert.equal(evaluation.count, validationImages);
  assert.equal(evaluation.genderAccuracy, validation.genderAccuracy);
  assert.ok(Math.abs(evaluation.ageMaeYears - validation.ageMaeYears) < 1e-3);
  assert.ok(Math.abs(evaluation.baseline.ageMaeYears - baseline.ageMaeYears) < 1e-6);

  const all = runCommand(['evaluate', '--model', path.join(folder, 'model'), '--json']);
  assert.match(all.stderr, /the model learned from \d+ of these 797 files/);
  assert.ok(JSON.parse(all.stdout).trainingImages > 0);
});

test('every page draws its figures, logs no error, asks for nothing, and says that the faces are drawn', { skip }, async () => {
  const browser: Browser = await openBrowser();
  try {
    for (const name of readdirSync(path.join(folder, 'reports'))) {
      const file = path.join(folder, 'reports', name);
      const { page, complaints } = await openPage(browser, /^(file|data|blob):/);
      await page.goto(pathToFileURL(file).href);
      const expected = (readFileSync(file, 'utf8').match(/<figure class="plot"/g) ?? []).length;
      if (expected > 0)
        await page
          .locator('figure.plot .main-svg')
          .nth(expected - 1)
          .waitFor({ state: 'attached' });
      for (const { width, height } of await drawnSizes(page)) assert.ok(width > 100 && height > 100, name);
      assert.deepEqual(complaints, { consoleErrors: [], requests: [] }, name);
      assert.match(await page.innerText('body'), /drawn by a program|a program drew/, name);
      const mostMB = name === 'demo.html' ? 20 : 6;
      assert.ok(statSync(file).size < mostMB * 1e6, `${name} is larger than ${mostMB} MB`);
      await page.close();
    }
  } finally {
    await browser.close();
  }
});
