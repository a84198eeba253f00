import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { InputError } from '../../lib/base/errors';
import { figureHtml, plotlyLibraryHtml } from '../../lib/pages/html';
import { faceCardHtml, faceMarksSvg, type ImageCell, imageGridHtml } from '../../lib/pages/images';
import { exportReports } from '../../lib/tools/cli/report';
import { ensureSetup } from '../../lib/tools/setup';
import { everyFigure, realHistory } from '../figures';
import { browserMissing, drawnSizes, openBrowser, openPage } from './chromium';
import { output, writeNotebook, writeRunFolder } from './run-folder';

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

/** Two notebooks whose outputs are what the kernel would have sent. */
async function writeRun(): Promise<void> {
  writeRunFolder(folder);
  const pixels = { create: { width: 32, height: 32, channels: 3, background: '#996644' } } as const;
  const jpeg = await sharp(pixels).jpeg().toBuffer();
  const photo: ImageCell = { jpeg, caption: 'a photo', faces: true };
  const mark = { box: { x: 4, y: 4, width: 9, height: 9 }, frame: { x: 8, y: 8, sidePx: 12, turn: 0.1 } };
  const marked = { ...photo, overlay: faceMarksSvg([mark], { widthPx: 32, heightPx: 32 }, 160) };
  const drawn: ImageCell = { jpeg, caption: 'a drawn face', faces: false };
  const code = "const run = await openRun({ preset: 'demo' });";
  const outputs = [
    html(plotlyLibraryHtml()),
    html(imageGridHtml([photo, photo, drawn])),
    html(faceCardHtml([marked, drawn], { ageYears: 30, femaleProbability: 0.2 }, 29)),
    html(figureHtml(everyFigure()[0])),
    output('image/jpeg', jpeg.toString('base64')),
  ];
  writeNotebook(folder, '01-explore-data', [
    { text: '# Explore the <data>\n\nWhat is in it? See [next](02-build-model.ipynb).' },
    { text: '## First look\n\n## How old?\n\n### Very old?' },
    { code, outputs },
  ]);
  const figures = everyFigure().slice(1, 3);
  writeNotebook(folder, '02-build-model', [
    { text: '# Build the model\n\nHow?' },
    { code, outputs: figures.map((figure) => html(figureHtml(figure))) },
  ]);
}

const html = (text: string) => output('text/html', text);

test('a run becomes an index, a model card and a page for each notebook, each under 6 MB and nothing half-written', () => {
  const reports = path.dirname(index);
  assert.deepEqual(readdirSync(reports).sort(), ['01-explore-data.html', '02-build-model.html', 'index.html', 'model-card.html']);
  for (const name of readdirSync(reports))
    assert.ok(statSync(path.join(reports, name)).size < (/^\d/.test(name) ? 6_000_000 : 400_000), name);
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
    await page.click('text=Explore the <data>');
    for (const count of [1, 2]) {
      await page.waitForFunction(`document.querySelectorAll('figure.plot svg.main-svg').length >= ${count}`);
      const sizes = await drawnSizes(page);
      assert.equal(sizes.length, count);
      for (const size of sizes) assert.ok(size.width > 500 && size.height > 300 && size.marks > 0, JSON.stringify(size));
      const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      assert.equal(background, colorScheme === 'dark' ? 'rgb(21, 23, 26)' : 'rgb(255, 255, 255)');
      if (count === 1) await page.click('a[rel=next]');
    }
    await page.click('text=Model card');
    assert.match(
      (await page.textContent('main')) ?? '',
      /trained on 80 faces, drawn by a program.*It must not be used.*cannot represent non-binary people/s,
    );
    await page.click('text=All pages of this run');
    assert.equal(await page.title(), `Age and perceived gender from a face: ${path.basename(folder)}`);
    assert.deepEqual(complaints, { consoleErrors: [], requests: [] });
    await page.close();
  });
}

const textOf = (page: string) =>
  page
    .replace(/<style.*?<\/style>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

test('the index says in a paragraph, a table and curves what came out beside the baseline, and leads to every page', () => {
  const page = readFileSync(index, 'utf8');
  assert.match(
    textOf(page),
    new RegExp(`run ${path.basename(folder)} · preset demo · drawn faces \\(seed 1\\) · images of 96 × 96 px · seed 1`),
  );
  assert.match(
    textOf(page),
    /trained on 80 faces, drawn by a program, for 36 epochs\. On \d\d others, kept from training, its ages are 4\.4 years off on average, and it names the perceived gender as annotated for 94\.7 %\. Without looking, by always answering \d+ years and (fe)?male, one would be [\d.]+ years off, and right for [\d.]+ %\./,
  );
  assert.match(
    textOf(page),
    /the same answer for every face [\d.]+ % [\d.]+ years After session 1 94\.5 % 4\.60 years After session 2 94\.7 % 4\.41 years/,
  );
  assert.match(
    page,
    /<a href="01-explore-data.html"><strong>Explore the &lt;data&gt;<\/strong><span>What is in it\? See next\.<\/span><\/a>/,
  );
  assert.match(page, /<div role="img" aria-label="Line chart, epoch by epoch: training from [^"]*"><svg /);
  assert.match(page, /Age error on validation faces falls from 6\.4 to 4\.4 years/);
  assert.match(page, /<aside role="note"[^>]*>These faces are drawn by a program/);
  const card = textOf(readFileSync(path.join(path.dirname(index), 'model-card.html'), 'utf8'));
  assert.doesNotMatch(card.slice(card.indexOf('What it is'), card.indexOf('Where these')), /[a-z)][.,:;][A-Z]/, 'a space is missing');
});

test('a run that is not finished, one without an epoch and one without a split have pages that say so', async () => {
  const young = mkdtempSync(path.join(os.tmpdir(), 'reports-young-'));
  try {
    writeRunFolder(young);
    writeNotebook(young, '01-explore-data', [{ text: '# Explore' }]);
    const read = (name: string) => readFileSync(path.join(young, 'reports', name), 'utf8');
    writeFileSync(path.join(young, 'history.json'), JSON.stringify(realHistory().slice(0, 3)));
    await exportReports(young, { faces: true });
    assert.match(textOf(read('index.html')), /for 3 of 10 epochs/);
    rmSync(path.join(young, 'history.json'));
    await exportReports(young, { faces: true });
    for (const name of ['index.html', 'model-card.html']) assert.match(read(name), /Nothing is trained in this run yet/, name);
    rmSync(path.join(young, 'split.json'));
    rmSync(path.join(young, 'provenance.json'));
    await exportReports(young, { faces: true });
    assert.match(
      textOf(read('model-card.html')),
      /no data opened yet.*No data were opened in this run yet\..*It is known once the data have been opened/,
    );
  } finally {
    rmSync(young, { recursive: true });
  }
});

test('HTML that is never closed lets no picture through: it is cleaned, or refused by the name of its notebook', async () => {
  const open = mkdtempSync(path.join(os.tmpdir(), 'reports-open-'));
  try {
    for (const unclosed of ['<textarea>', '<style>', '<figure class="drawn">', '<!-- ']) {
      writeRunFolder(open);
      writeNotebook(open, '01-open', [
        { text: '# Open' },
        { code: 'show();', outputs: [html(unclosed), html('<img src="data:image/png;base64,AAAA">')] },
      ]);
      const page = await exportReports(open, { faces: false }).then(
        (file) => readFileSync(path.join(path.dirname(file), '01-open.html'), 'utf8'),
        (error) => String(error),
      );
      assert.match(page, /01-open\.ipynb: a cell shows HTML that is never closed|Where these numbers come from/, unclosed);
      assert.doesNotMatch(page.replace(/<style.*?<\/style>/gs, ''), /<img|base64/, unclosed);
    }
  } finally {
    rmSync(open, { recursive: true });
  }
});

test('a page lists its headings, and those of another page are not asked for where there are hardly any', () => {
  const [page, other] = ['01-explore-data', '02-build-model'].map((name) =>
    readFileSync(path.join(path.dirname(index), `${name}.html`), 'utf8'),
  );
  const links = [...page.matchAll(/<li class="level-(\d)"><a href="#([^"]*)">([^<]*)<\/a>/g)].map(([, ...parts]) => parts);
  assert.deepEqual(links, [
    ['2', 'First-look', 'First look'],
    ['2', 'How-old?', 'How old?'],
    ['3', 'Very-old?', 'Very old?'],
  ]);
  assert.doesNotMatch(other, /<details class="course-contents"/);
});

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
