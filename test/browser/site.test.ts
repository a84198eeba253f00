/** The exported pages as readers meet them: by keyboard, by screen reader, on a phone, on paper, and without anybody's face. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { figureHtml, tableHtml } from '../../lib/pages/html';
import { type ImageCell, imageGridHtml } from '../../lib/pages/images';
import { exportReports } from '../../lib/tools/cli/report';
import { ensureSetup } from '../../lib/tools/setup';
import { everyFigure } from '../figures';
import { browserMissing, CUT_OFF, faults, openBrowser, openPage } from './chromium';
import { output, writeNotebook, writeRunFolder } from './run-folder';

const skip = browserMissing();
const folders = ['site-', 'faceless-'].map((name) => mkdtempSync(path.join(os.tmpdir(), name)));
const [folder, faceless] = folders;
const FILES = /^(file|data|blob):/;
let browser: Browser;

before(async () => {
  await ensureSetup('jupyter');
  await writeNotebooks();
  for (const run of folders) await exportReports(run, { faces: run === folder });
  if (!skip) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  for (const run of folders) rmSync(run, { recursive: true });
});

const html = (text: string) => output('text/html', text);
const pagesOf = (run: string) => readdirSync(path.join(run, 'reports')).map((name) => path.join(run, 'reports', name));

/** A notebook with all that the course shows; in the other run, every kind of picture that a notebook can hold is planted too. */
async function writeNotebooks(): Promise<void> {
  // Noise, so that the payload is as long as a photo's.
  const pixels = Buffer.from(Array.from({ length: 32 * 32 * 3 }, (_, index) => (index * 7919) % 251));
  const png = (
    await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
      .png()
      .toBuffer()
  ).toString('base64');
  const address = `data:image/png;base64,${png}`;
  const svg = (inside: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${inside}</svg>`;
  const image = svg(`<image href="${address}" width="9" height="9"/>`);
  const [first] = everyFigure();
  const withImage = { ...first, layout: { ...first.layout, images: [{ source: address, x: 1, y: 1, sizex: 2, sizey: 0.2 }] } };
  const drawn: ImageCell = { png, caption: 'a drawn face', faces: false };
  const shown = [
    ...everyFigure().map((figure) => html(figureHtml(figure))),
    html(
      tableHtml(
        ['layer', 'a wide column of words'],
        Array.from({ length: 3 }, () => ['expanded_conv_project', 'word '.repeat(30)]),
      ),
    ),
    html(imageGridHtml([drawn, { ...drawn, faces: true, caption: 'a photo' }])),
  ];
  const planted = [
    ...['image/png', 'image/jpeg'].map((type) => output(type, png)),
    output('image/svg+xml', image),
    output('text/markdown', `![](${address})`),
    output('application/javascript', `new Image().src = '${address}'; document.body.append(document.createElement('img'));`),
    ...[
      `<img src="${address}">`,
      `<IMG SRC='${address}' class="drawn">`,
      `<figure class="drawn photo"><img src="${address}"></figure>`,
      `<figure class="drawn"><figure data-photo><img src="${address}"></figure></figure>`,
      `<div style="width:9px;height:9px;background:u\\72l(${address})"></div>`,
      `<div style="background:image-set('${address}' 1x)">x</div>`,
      `<style>main { background: url(${address}) }</style>`,
      `<table background="${address}"><tr><td>x</td></tr></table>`,
      `<picture><source srcset="${address}"><img alt=""></picture>`,
      `<object data="${address}"></object><embed src="${address}"><iframe src="${address}"></iframe>`,
      `<iframe srcdoc="<img src='${address}'>"></iframe>`,
      `<video poster="${address}"></video><input type="image" src="${address}"><canvas></canvas>`,
      `<!--><img src="${address}"> --><noscript><img src="${address}"></noscript>`,
      `<script>const payload = '${png}'; document.body.insertAdjacentHTML('beforeend', '<img src="data:image/png;base64,' + payload + '">')</script>`,
      `<script type="application/json">{"payload":"${png}"}</script><template><img src="${address}"></template>`,
      `<a href="${address}">a link</a><p title="${png}">${png}</p></main><img src="${address}">`,
      image,
      svg(`<foreignObject width="9" height="9"><img src="${address}"/></foreignObject>`),
      svg(`<rect width="9" height="9" style="fill:url(${address})"/><use href="${address}"/>`),
      figureHtml(withImage),
      '<figure class="drawn">never closed',
    ].map(html),
    output('image/png', png),
  ];
  for (const run of folders) {
    writeRunFolder(run);
    const opening =
      '# Everything\n\nWhat is shown? See [UTKFace](https://susanqq.github.io/UTKFace/) for `more`.\n\n## One\n\n- a\n\n## Two\n\n## Three';
    const own = [
      { text: opening },
      {
        code: 'for (const value of [1, new Date()]) console.log(typeof value); // a comment',
        outputs: [output('text/plain', 'w'.repeat(300))],
      },
      { code: 'show();', outputs: shown },
    ];
    const markdown = `![](${address}) ![](attachment:face.png)\n\n![there][x]\n\n[x]: ${address}\n\n<img src="${address}">`;
    const pictures = [
      { text: markdown, attachments: { 'face.png': { 'image/png': png } } },
      { code: `const photo = '${png}';`, outputs: planted },
    ];
    writeNotebook(run, '01-everything', run === faceless ? [...own, ...pictures] : own);
    writeNotebook(run, '02-more', [{ text: '# More\n\nWhat else?' }, { code: 'more();', outputs: [] }]);
  }
}

async function opened(file: string, options: Parameters<typeof openPage>[2], media: 'screen' | 'print' = 'screen') {
  const { page, complaints } = await openPage(browser, FILES, options);
  await page.context().setOffline(true);
  await page.goto(pathToFileURL(file).href);
  await page.emulateMedia({ media, colorScheme: options?.colorScheme });
  await page.waitForFunction("[...document.querySelectorAll('figure.plot')].every((figure) => figure.querySelector('.main-svg'))");
  return { page, complaints };
}

const WAYS = [
  { name: 'in light', options: { colorScheme: 'light', viewport: { width: 1100, height: 900 } }, media: 'screen' },
  { name: 'in dark', options: { colorScheme: 'dark', viewport: { width: 1500, height: 900 } }, media: 'screen' },
  { name: 'on a phone', options: { colorScheme: 'light', viewport: { width: 390, height: 800 } }, media: 'screen' },
  { name: 'on paper, from a dark screen', options: { colorScheme: 'dark', viewport: { width: 700, height: 1000 } }, media: 'print' },
] as const;

for (const { name, options, media } of WAYS) {
  test(`every page ${name} has no serious fault for readers who use a keyboard or a screen reader, and nothing is cut off`, {
    skip,
  }, async () => {
    // No fault is excused: those of nbconvert's own template are mended in ours.
    for (const file of pagesOf(folder)) {
      const { page, complaints } = await opened(file, options, media);
      assert.deepEqual(await faults(page), [], file);
      assert.deepEqual(await page.evaluate(CUT_OFF), [], file);
      const scroll = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(scroll <= options.viewport.width, `${file} is ${scroll} px wide`);
      assert.deepEqual(complaints, { consoleErrors: [], requests: [] }, file);
      const shots = process.env.SCREENSHOTS;
      if (shots)
        await page.screenshot({ path: path.join(shots, `${path.basename(file)}-${name.replace(/\W+/g, '-')}.png`), fullPage: true });
      await page.close();
    }
  });
}

test('on paper figures are as wide as the page and dark on white, code wraps, and there is nothing to click', { skip }, async () => {
  const { page } = await opened(path.join(folder, 'reports', '01-everything.html'), {
    colorScheme: 'dark',
    viewport: { width: 1500, height: 900 },
  });
  await page.setViewportSize({ width: 640, height: 900 });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.waitForFunction("getComputedStyle(document.querySelector('figure.plot .xtick text')).fill === 'rgb(27, 27, 27)'");
  const widths = await page.$$eval('figure.plot .main-svg', (all) => all.map((svg) => svg.getBoundingClientRect().width));
  assert.ok(
    widths.every((width) => width > 300 && width <= 640),
    widths.join(', '),
  );
  for (const hidden of ['.course-nav', '.code-switch', '.course-contents', '.modebar-container', '.course-code summary']) {
    assert.equal(await page.isVisible(hidden), false, hidden);
  }
  const overflow = await page.$$eval('pre', (all) => all.filter((pre) => pre.scrollWidth > pre.clientWidth + 1).length);
  assert.equal(overflow, 0);
  await page.close();
});

test('code is folded and shown by keyboard, all at once or each alone, and the other pages remember', { skip }, async () => {
  const { page, complaints } = await opened(path.join(folder, 'reports', '01-everything.html'), {});
  const open = () => page.$$eval('details.course-code', (all) => all.map((cell) => (cell as { open?: boolean } & typeof cell).open));
  assert.deepEqual(await open(), [true, true]);
  await page.focus('.code-switch');
  await page.keyboard.press('Enter');
  assert.deepEqual(await open(), [false, false]);
  assert.equal(await page.textContent('.code-switch'), 'Code: folded');
  await page.focus('details.course-code summary');
  await page.keyboard.press('Enter');
  assert.deepEqual(await open(), [true, false]);
  await page.click('a[rel=next]');
  assert.deepEqual(await open(), [false]);
  await page.reload();
  await page.click('.code-switch');
  assert.deepEqual(await open(), [true]);
  await page.click('a[rel=prev]');
  assert.deepEqual(await open(), [true, true]);
  assert.deepEqual(complaints, { consoleErrors: [], requests: [] });
  await page.close();
});

test('where the browser refuses to remember, the switch works all the same', { skip }, async () => {
  const { page, complaints } = await openPage(browser, FILES);
  await page.addInitScript("Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })");
  await page.goto(pathToFileURL(path.join(folder, 'reports', '02-more.html')).href);
  await page.click('.code-switch');
  assert.equal(await page.textContent('.code-switch'), 'Code: folded');
  assert.equal(await page.isVisible('.course-code pre'), false);
  assert.deepEqual(complaints, { consoleErrors: [], requests: [] });
  await page.close();
});

test('contents lead to every heading, open where there is room and folded on a phone', { skip }, async () => {
  for (const [width, shown] of [
    [1500, true],
    [1100, true],
    [390, false],
  ] as const) {
    const { page } = await opened(path.join(folder, 'reports', '01-everything.html'), { viewport: { width, height: 800 } });
    assert.equal(await page.isVisible('.course-contents li'), shown, String(width));
    if (!shown) await page.click('.course-contents summary');
    await page.click('.course-contents a[href="#Three"]');
    assert.ok(await page.evaluate("document.getElementById('Three').getBoundingClientRect().top < innerHeight"), String(width));
    await page.close();
  }
}); // prettier-ignore

test('without faces, no page of the site holds or draws a picture, whatever was planted; drawn faces stay', { skip }, async () => {
  for (const file of pagesOf(faceless)) {
    const text = readFileSync(file, 'utf8');
    const drawn = [...text.matchAll(/<figure class="drawn"[^>]*><img [^>]*>/g)].map(([own]) => own);
    assert.equal(drawn.length, file.includes('01-everything') ? 1 : 0);
    const rest = drawn.reduce((some, own) => some.replace(own, ''), text).replace(/<script data-plotly-library[^>]*>.*?<\/script>/s, '');
    const outside = rest.replace(/<style[^>]*>.*?<\/style>/gs, ''); // nbconvert's icons are in its styles
    const left = /data:(?!,)|<(img|image|picture|source|object|embed|iframe|video|canvas|input|use)\b|[A-Za-z0-9+/]{200}/gi;
    assert.deepEqual(
      [...outside.matchAll(left)].map(([own]) => own),
      [],
      file,
    );
    const { page, complaints } = await opened(file, {});
    await page.waitForTimeout(200);
    const pictures = await page.evaluate<string[]>(`[...document.querySelectorAll('*')].flatMap((element) => {
      const name = element.localName;
      const media = ['img', 'image', 'picture', 'object', 'embed', 'iframe', 'video', 'canvas', 'feimage'].includes(name);
      if (media && !element.closest('figure.drawn')) return [element.outerHTML.slice(0, 100)];
      const style = getComputedStyle(element);
      const named = ['backgroundImage', 'borderImageSource', 'listStyleImage', 'maskImage', 'content', 'cursor', 'fill', 'filter'];
      return named.filter((property) => /image\\/(png|jpe?g)|image-set/.test(style[property])).map((property) => name + ' ' + property);
    })`);
    assert.deepEqual(pictures, [], file);
    assert.deepEqual(complaints, { consoleErrors: [], requests: [] }, file);
    await page.close();
  }
  const page = readFileSync(path.join(faceless, 'reports', '01-everything.html'), 'utf8');
  assert.match(page, /A photo was left out/);
  assert.match(page, /Where these numbers come from/);
  assert.equal(page.match(/<figure class="plot"/g)?.length, everyFigure().length + 1, 'figures stay');
});
