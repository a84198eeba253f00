import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { figureHtml, plotlyLibraryHtml } from '../../lib/pages/html';
import { everyFigure } from '../figures';
import { browserMissing, drawnSizes, openBrowser, openPage } from './chromium';

const skip = browserMissing();
const folder = mkdtempSync(path.join(os.tmpdir(), 'figures-'));
const figures = everyFigure();
/** The colour of the text along an axis, asked for in the page. */
const INK = `getComputedStyle(document.querySelector('figure.plot .xtick text')).fill`;
let browser: Browser;

before(async () => {
  if (!skip) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** A page with the library before, or after, its figures, as happens when cells of a notebook run in any order. */
function writePage(name: string, libraryFirst: boolean): string {
  const drawn = figures.map(figureHtml).join('\n');
  const parts = libraryFirst ? [plotlyLibraryHtml(), drawn] : [drawn, plotlyLibraryHtml(), plotlyLibraryHtml()];
  const style = '<style>body{font-family:sans-serif;margin:1em}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}</style>';
  const file = path.join(folder, name);
  writeFileSync(file, `<!doctype html><html lang="en"><head><meta charset="utf-8">${style}</head><body>${parts.join('\n')}</body></html>`);
  return pathToFileURL(file).href;
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1100, 390]) {
    test(`every figure is drawn ${width} px wide in ${colorScheme} mode, without an error or a request`, { skip }, async () => {
      const libraryFirst = colorScheme === 'light';
      const { page, complaints } = await openPage(browser, /^(file|data|blob):/, { colorScheme, viewport: { width, height: 900 } });
      await page.goto(writePage(`${colorScheme}-${width}.html`, libraryFirst));
      await page.waitForTimeout(300);
      const sizes = await drawnSizes(page);
      assert.equal(sizes.length, figures.length);
      for (const [index, size] of sizes.entries()) {
        assert.ok(size.width > 250 && size.height > 200 && size.marks > 0, `${figures[index].title}: ${JSON.stringify(size)}`);
      }
      const scroll = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(scroll <= width, `the page is ${scroll} px wide on a screen of ${width} px`);
      const ink = await page.evaluate<string>(INK);
      assert.equal(ink, colorScheme === 'dark' ? 'rgb(221, 221, 221)' : 'rgb(0, 0, 0)');
      const buttons = await page.$$eval('figure.plot .modebar-btn', (nodes) => nodes.map((node) => node.getAttribute('data-title')));
      assert.ok(buttons.includes('Zoom') && !buttons.some((title) => /share|cloud/i.test(title ?? '')), buttons.join(', '));
      assert.deepEqual(complaints, { consoleErrors: [], requests: [] });
      if (process.env.SCREENSHOTS)
        await page.screenshot({ path: path.join(process.env.SCREENSHOTS, `figures-${colorScheme}-${width}.png`), fullPage: true });
      await page.close();
    });
  }
}

test('figures follow the page when it turns dark', { skip }, async () => {
  const { page } = await openPage(browser, /^(file|data|blob):/, { colorScheme: 'light' });
  await page.goto(writePage('turn.html', true));
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForFunction(`${INK} === 'rgb(221, 221, 221)'`);
  await page.close();
});

test('without the library a figure still says what it would show', { skip }, async () => {
  const { page } = await openPage(browser, /^(file|data|blob):/);
  await page.setContent(figureHtml(figures[0]));
  assert.match(
    (await page.textContent('figure.plot')) ?? '',
    /Gender accuracy, epochs 1 to 18.*training from .* to .*; the baseline is 52.0 %.*rises from 89.4 to 94.5 %, 42.6 points above the baseline/,
  );
  await page.close();
});
