import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { InputError } from '../../lib/base/errors';
import { figureHtml, plotlyLibraryHtml } from '../../lib/pages/html';
import { faceCardHtml, faceMarksSvg, type ImageCell, imageGridHtml } from '../../lib/pages/images';
import { resolveConfig } from '../../lib/presets';
import { exportReports } from '../../lib/tools/cli/report';
import { ensureSetup } from '../../lib/tools/setup';
import { drawnRecords, everyFigure, realHistory } from '../figures';
import { browserMissing, drawnSizes, openBrowser, openPage } from './chromium';

const skip = browserMissing();
const folder = mkdtempSync(path.join(os.tmpdir(), 'reports-'));
let browser: Browser;
let index: string;

before(async () => {
  await ensureSetup('jupyter');
  await writeRun();
  index = await exportReports(folder, { faces: true });
  if (!skip) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** A run folder as the walkthrough leaves it, with two notebooks whose outputs are what the kernel would have sent. */
async function writeRun(): Promise<void> {
  const records = drawnRecords(100);
  mkdirSync(path.join(folder, 'notebooks'));
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(resolveConfig({ preset: 'demo' })));
  writeFileSync(
    path.join(folder, 'provenance.json'),
    JSON.stringify({ data: { kind: 'drawn', label: 'drawn faces (seed 1)', files: 800 }, weights: { kind: 'bundled' } }),
  );
  writeFileSync(path.join(folder, 'split.json'), JSON.stringify({ training: records.slice(0, 80), validation: records.slice(80) }));
  writeFileSync(path.join(folder, 'history.json'), JSON.stringify(realHistory()));
  const pixels = { create: { width: 32, height: 32, channels: 3, background: '#996644' } } as const;
  const jpeg = await sharp(pixels).jpeg().toBuffer();
  const photo: ImageCell = { jpeg, caption: 'a photo', faces: true };
  const mark = { box: { x: 4, y: 4, width: 9, height: 9 }, frame: { x: 8, y: 8, sidePx: 12, turn: 0.1 } };
  const marked = { ...photo, overlay: faceMarksSvg([mark], { widthPx: 32, heightPx: 32 }, 160) };
  const drawn: ImageCell = { jpeg, caption: 'a drawn face', faces: false };
  writeNotebook('01-explore-data', '# Explore the data\n\nWhat is in it? See [next](02-build-model.ipynb).', [
    html(plotlyLibraryHtml()),
    html(imageGridHtml([photo, photo, drawn])),
    html(faceCardHtml([marked, drawn], { ageYears: 30, femaleProbability: 0.2 }, 29)),
    html(figureHtml(everyFigure()[0])),
    { output_type: 'display_data', metadata: {}, data: { 'image/jpeg': jpeg.toString('base64') } },
  ]);
  writeNotebook('02-build-model', '# Build the model\n\nHow?', [
    html(plotlyLibraryHtml()),
    ...everyFigure()
      .slice(1, 3)
      .map((figure) => html(figureHtml(figure))),
  ]);
}

function html(text: string) {
  return { output_type: 'display_data', metadata: {}, data: { 'text/html': text } };
}

function writeNotebook(name: string, opening: string, outputs: readonly object[]): void {
  const cells = [
    { cell_type: 'markdown', id: 'a', metadata: {}, source: opening },
    { cell_type: 'code', id: 'b', metadata: {}, execution_count: 1, source: "const run = await openRun({ preset: 'demo' });", outputs },
  ];
  writeFileSync(path.join(folder, 'notebooks', `${name}.ipynb`), JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
}

test('a run becomes an index and a page for each notebook, each under 6 MB and nothing half-written', () => {
  const reports = path.dirname(index);
  assert.deepEqual(readdirSync(reports).sort(), ['01-explore-data.html', '02-build-model.html', 'index.html']);
  for (const name of readdirSync(reports)) assert.ok(statSync(path.join(reports, name)).size < 6_000_000, name);
  const page = readFileSync(path.join(reports, '01-explore-data.html'), 'utf8');
  assert.match(page, /<a href="02-build-model.html">next<\/a>/);
  assert.match(page, /Where these numbers come from/);
  assert.equal(page.match(/data-plotly-library/g)?.length, 1);
  assert.match(page, /<svg aria-hidden/);
  assert.equal(page.match(/<img /g)?.length, 6);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`exported pages draw their figures offline in ${colorScheme} mode, and lead to each other`, { skip }, async () => {
    const { page, complaints } = await openPage(browser, /^(file|data|blob):/, { colorScheme, viewport: { width: 1000, height: 800 } });
    await page.goto(pathToFileURL(index).href);
    assert.match((await page.textContent('main')) ?? '', /These faces are drawn.*No ImageNet weights were given.*After session 2/s);
    await page.click('text=Explore the data');
    for (const count of [1, 2]) {
      await page.waitForFunction(`document.querySelectorAll('figure.plot svg.main-svg').length >= ${count}`);
      const sizes = await drawnSizes(page);
      assert.equal(sizes.length, count);
      for (const size of sizes) assert.ok(size.width > 500 && size.height > 300 && size.marks > 0, JSON.stringify(size));
      const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      assert.equal(background, colorScheme === 'dark' ? 'rgb(21, 23, 26)' : 'rgb(255, 255, 255)');
      if (count === 1) await page.click('a[rel=next]');
    }
    await page.click('text=All pages of this run');
    assert.equal(await page.title(), `Age and perceived gender from a face: ${path.basename(folder)}`);
    assert.deepEqual(complaints, { consoleErrors: [], requests: [] });
    await page.close();
  });
}

test('without faces no photo is left, drawn faces and figures stay, and the page says what is missing', async () => {
  await exportReports(folder, { faces: false });
  const page = readFileSync(path.join(path.dirname(index), '01-explore-data.html'), 'utf8');
  assert.equal(page.match(/<img /g)?.length, 2);
  assert.match(page, /alt="a drawn face"/);
  assert.doesNotMatch(page, /data-photo|<svg aria-hidden/);
  assert.match(page, /2 photos were left out/);
  assert.match(page, /class="plot"/);
  assert.match(readFileSync(index, 'utf8'), /Photos are left out of these pages/);
});

test('a run without executed notebooks is refused with what to do', async () => {
  const empty = mkdtempSync(path.join(os.tmpdir(), 'reports-empty-'));
  try {
    await assert.rejects(
      exportReports(empty, { faces: true }),
      (error) => error instanceof InputError && /npm run walkthrough/.test(error.message),
    );
    assert.ok(!existsSync(path.join(empty, 'reports')));
  } finally {
    rmSync(empty, { recursive: true });
  }
});
