/** The page on which a model looks at photos and at the camera, as people meet it: opened from disk, with the network cut. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { projectPath } from '../../lib/base/project';
import { bundledModel, writeDemoPage } from '../../lib/demo/build';
import { openPredictor } from '../../lib/predict/open-predictor';
import { GROUP_PHOTOS, photosWithoutPeople } from '../photos';
import { browserMissing, CUT_OFF, faults, openBrowser, openPage } from './chromium';

const skip = browserMissing();
const folder = mkdtempSync(path.join(os.tmpdir(), 'demo-'));
const demo = path.join(folder, 'demo.html');
const film = path.join(folder, 'camera.mjpeg');
/** NASA's, in the public domain. */
const PORTRAIT = projectPath('data', 'my image', 'eileen-collins.jpg');
const FILES = /^(file|data|blob):/;
const FAKE_CAMERA = ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`];
const WAYS = [
  { name: 'in light', colorScheme: 'light', viewport: { width: 1200, height: 900 } },
  { name: 'in dark', colorScheme: 'dark', viewport: { width: 1200, height: 900 } },
  { name: 'on a phone', colorScheme: 'light', viewport: { width: 390, height: 800 } },
] as const;
/** Without a camera; with one that may be used; with one that the person at the browser refuses. */
let browser: Browser;
let filming: Browser;
let refusing: Browser;

before(async () => {
  await writeDemoPage(bundledModel(), demo);
  writeFileSync(film, Buffer.concat(await filmFrames()));
  if (skip) return;
  browser = await openBrowser();
  filming = await openBrowser(['--use-fake-ui-for-media-stream', '--enable-precise-memory-info', ...FAKE_CAMERA]);
  refusing = await openBrowser(FAKE_CAMERA);
});
after(async () => {
  for (const one of [browser, filming, refusing]) await one?.close();
  rmSync(folder, { recursive: true });
});

/** Four seconds that begin where they end: the portrait, slowly moving. */
async function filmFrames(): Promise<Buffer[]> {
  const large = await sharp(PORTRAIT).resize(1100).toBuffer();
  return Promise.all(
    Array.from({ length: 120 }, (_, frame) => {
      const angle = (2 * Math.PI * frame) / 120;
      const place = { left: Math.round(150 + 60 * Math.sin(angle)), top: Math.round(60 + 20 * Math.cos(angle)) };
      return sharp(large)
        .extract({ ...place, width: 640, height: 480 })
        .jpeg({ quality: 92 })
        .toBuffer();
    }),
  );
}

/** The page in its browser, without a network; `script` runs before its own. It must neither complain nor ask for anything. */
async function openDemo(where = browser, options: Parameters<typeof openPage>[2] = {}, script = '') {
  const { page, complaints } = await openPage(where, FILES, options);
  await page.context().setOffline(true);
  await page.addInitScript(script);
  await page.goto(pathToFileURL(demo).href);
  const close = async () => {
    assert.deepEqual(complaints, { consoleErrors: [], requests: [] });
    await page.context().close();
  };
  return { page, close };
}

/** Waits until the page says something like that. */
async function says(page: Page, words: RegExp): Promise<string> {
  const status = page.locator('#status', { hasText: words });
  await status.waitFor({ timeout: 60_000 }).catch(async () => assert.match((await page.textContent('#status')) ?? '', words));
  return (await status.textContent()) ?? '';
}

const answersOn = async (page: Page) => (await page.locator('.answer .age').allTextContents()).join(', ');
const portrait = (name: string) =>
  `new File([Uint8Array.from(atob('${readFileSync(PORTRAIT, 'base64')}'), (c) => c.charCodeAt(0))], '${name}')`;

async function agesInNode(photo: string | Buffer): Promise<number[]> {
  const predictor = await openPredictor();
  const { faces } = await predictor.predictImage(photo);
  predictor.dispose();
  return faces.map(({ ageYears }) => ageYears);
}

for (const { name, ...options } of WAYS) {
  test(`${name} the page has no serious fault for readers who use a keyboard or a screen reader, and nothing is cut off`, {
    skip,
  }, async () => {
    const { page, close } = await openDemo(browser, options);
    const look = async (what: string) => {
      assert.deepEqual(await faults(page), [], what);
      assert.deepEqual(await page.evaluate(CUT_OFF), [], what);
      assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= options.viewport.width, what);
      const shots = process.env.SCREENSHOTS;
      if (shots) await page.screenshot({ path: path.join(shots, `demo-${name}-${what}.png`.replaceAll(' ', '-')), fullPage: true });
    };
    await says(page, /^Ready/);
    await look('ready');
    await page.setInputFiles('#file', GROUP_PHOTOS[0].file);
    await says(page, /^3 faces/);
    await page.locator('#strength').fill('60');
    await look('answers');
    await page.setInputFiles('#file', projectPath('package.json'));
    await says(page, /no photo/);
    await look('error');
    await close();
  });
}

test('a photo that is chosen, dropped or pasted is given the answer that Node gives it', { skip }, async () => {
  const { page, close } = await openDemo();
  const [ageYears] = await agesInNode(PORTRAIT);
  await says(page, /^Ready/);
  const ways = {
    chosen: () => page.setInputFiles('#file', PORTRAIT),
    dropped: () => page.evaluate(arriving('new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })')),
    pasted: () => page.evaluate(arriving('new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true })')),
  };
  const answers: string[] = [];
  for (const [way, arrive] of Object.entries(ways)) {
    await page.setInputFiles('#file', photosWithoutPeople()[0]); // so that the answer is not the last one's
    await says(page, /^No face/);
    await arrive();
    assert.equal(await says(page, /face\.$/), 'One face.', way);
    answers.push(await answersOn(page));
  }
  assert.match(answers[0], /^\d+ years \(\d+ to \d+\)$/);
  assert.deepEqual(answers, [answers[0], answers[0], answers[0]]);
  assert.ok(Math.abs(Number.parseFloat(answers[0]) - ageYears) <= 1, `${answers[0]} here, ${ageYears} in Node`);
  await close();
});

function arriving(event: string): string {
  return `{ const transfer = new DataTransfer(); transfer.items.add(${portrait('face.jpg')}); document.body.dispatchEvent(${event}); }`;
}

test('of several files the first is looked at, and a picture that is framed already is told so', { skip }, async () => {
  const { page, close } = await openDemo();
  await page.evaluate(`{
    const transfer = new DataTransfer();
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) transfer.items.add(${portrait('a.jpg')});
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }`);
  assert.equal(await says(page, /face\.$/), 'The first of 3 files. One face.');
  const { frame } = (await openedPortrait()).faces[0];
  const half = Math.round(frame.sidePx / 2);
  const place = { left: Math.round(frame.x) - half, top: Math.round(frame.y) - half, width: 2 * half, height: 2 * half };
  await page.setInputFiles('#file', {
    name: 'crop.jpg',
    mimeType: 'image/jpeg',
    buffer: await sharp(PORTRAIT).extract(place).jpeg().toBuffer(),
  });
  await says(page, /^One face\.$/);
  assert.match((await page.textContent('#framing')) ?? '', /framed as UTKFace/);
  await close();
});

async function openedPortrait() {
  const predictor = await openPredictor();
  const found = await predictor.predictImage(PORTRAIT);
  predictor.dispose();
  return found;
}

test('a file that is no photo, or none that browsers read, or shows nobody, is told what it is, and the next photo is looked at', {
  skip,
}, async () => {
  const { page, close } = await openDemo();
  const give = (name: string, content: string | Buffer) =>
    page.setInputFiles('#file', { name, mimeType: 'image/jpeg', buffer: Buffer.from(content) });
  await give('letter.jpg', 'Dear all, this is no photo.');
  assert.match(await says(page, /letter/), /“letter.jpg” is no photo that this browser reads\. Choose a JPEG/);
  assert.equal(await page.isVisible('#view'), false);
  await give('IMG_1.HEIC', '\0\0\0\x24ftypheic\0\0\0\0mif1heic');
  assert.match(await says(page, /IMG_1/), /HEIC.*Save it as a JPEG/);
  await give('cut.jpg', readFileSync(PORTRAIT).subarray(0, 300));
  assert.match(await says(page, /cut/), /broken, or too large/);
  await give('empty.jpg', '');
  assert.match(await says(page, /empty/), /“empty.jpg” is empty/);
  for (const photo of photosWithoutPeople().slice(0, 2)) {
    await page.setInputFiles('#file', PORTRAIT);
    await says(page, /^One face/);
    await page.setInputFiles('#file', photo);
    assert.match(await says(page, /^No face/), /try another photo/);
    assert.equal(await page.locator('.answer').count(), 0);
  }
  await close();
});

test('whatever keeps the camera from the page is named, and what to do', { skip }, async () => {
  const failing = (name: string) => `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '${name}'))`;
  const none = "Object.defineProperty(Navigator.prototype, 'mediaDevices', { value: undefined });";
  const insecure = `${none} Object.defineProperty(globalThis, 'isSecureContext', { value: false });`;
  for (const [where, script, words] of [
    [browser, '', /No camera was found\. Connect one/],
    [refusing, '', /The camera was refused\. Allow it/],
    [browser, failing('NotReadableError'), /busy\. Close the program/],
    [browser, none, /This browser lends no camera.*npm run demo/],
    [browser, insecure, /from a secure address.*npm run demo/],
  ] as const) {
    const { page, close } = await openDemo(where, {}, script);
    await says(page, /^Ready/);
    await page.click('#camera');
    await says(page, words);
    assert.equal(await page.textContent('#camera'), 'Use the camera');
    await page.setInputFiles('#file', PORTRAIT);
    await says(page, /^One face/);
    await close();
  }
});

test('where a browser runs no network, or has no memory left, the page says so', { skip }, async () => {
  const without = await openDemo(browser, {}, 'delete globalThis.WebAssembly; HTMLCanvasElement.prototype.getContext = () => null;');
  assert.match(await says(without.page, /WebAssembly/), /browser/);
  assert.match((await without.page.textContent('#worth')) ?? '', /no age checks/);
  await without.close();
  const full = await openDemo(
    browser,
    {},
    "globalThis.createImageBitmap = () => Promise.reject(new RangeError('Array buffer allocation failed'));",
  );
  await full.page.setInputFiles('#file', PORTRAIT);
  await says(full.page, /not enough memory.*smaller photo/);
  await full.close();
});

test('by keyboard alone everything is reached, seen to be reached, and used', { skip }, async () => {
  const { page, close } = await openDemo(filming);
  await says(page, /^Ready/);
  const focused = () =>
    page.evaluate<string>("document.activeElement.closest('label, button')?.textContent.trim() || document.activeElement.id");
  const outlined = () =>
    page.evaluate<boolean>("getComputedStyle(document.activeElement.closest('.button') ?? document.activeElement).outlineStyle !== 'none'");
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Choose a photo');
  assert.ok(await outlined());
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(PORTRAIT);
  await says(page, /^One face/);
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Use the camera');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'strength');
  const pictured = () => page.evaluate<string>("document.getElementById('picture').toDataURL()");
  await page.waitForTimeout(1000); // the maps come after the answers
  const plain = await pictured();
  await page.keyboard.press('End');
  assert.equal(await page.inputValue('#strength'), '100');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'for the age');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'for the perceived gender');
  assert.equal(await page.textContent('#above'), 'female');
  const maps = [await pictured()];
  await page.keyboard.press('ArrowUp');
  maps.push(await pictured());
  assert.equal(new Set([plain, ...maps]).size, 3, 'each question has a map of its own');
  assert.ok(await outlined());
  await page.focus('#camera');
  await page.keyboard.press('Enter');
  await page.locator('.answer').waitFor({ timeout: 30_000 });
  assert.equal(await focused(), 'Stop the camera');
  await page.keyboard.press('Space');
  assert.equal(await says(page, /off/), 'The camera is off.');
  await close();
});

/** Keeps what the page was lent, so that it can be asked whether it still runs. */
const KEEP_TRACKS = `{
  const lend = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await lend(wanted);
    (globalThis.lent ??= []).push(...stream.getTracks());
    return stream;
  };
}`;

test('the camera is asked for by a click alone, and its light goes out by a click, out of sight, and for a photo', { skip }, async () => {
  const { page, close } = await openDemo(filming, {}, KEEP_TRACKS);
  const lent = () => page.evaluate<string>("(globalThis.lent ?? []).map(({ readyState }) => readyState).join(' ')");
  const start = async () => {
    await page.click('#camera');
    await page.locator('.answer').waitFor({ timeout: 30_000 });
  };
  await says(page, /^Ready/);
  assert.equal(await lent(), '');
  await start();
  assert.equal(await lent(), 'live');
  await page.click('#camera');
  assert.equal(await lent(), 'ended');
  assert.equal(await page.isVisible('#view'), false);
  await start();
  await page.evaluate("Object.defineProperty(document, 'hidden', { value: true }); document.dispatchEvent(new Event('visibilitychange'));");
  assert.equal(await lent(), 'ended ended');
  await says(page, /out of sight/);
  await start();
  await page.setInputFiles('#file', PORTRAIT);
  await says(page, /^One face/);
  assert.equal(await lent(), 'ended ended ended');
  assert.equal(await page.textContent('#camera'), 'Use the camera');
  await close();
});

test('for 30 seconds the camera’s face is told a steady age near Node’s, seldom aloud, and memory does not grow', { skip }, async () => {
  const [still] = await filmFrames();
  const [ageYears] = await agesInNode(still);
  const { page, close } = await openDemo(filming);
  await says(page, /^Ready/);
  await page.evaluate(
    `globalThis.aloud = 0; new MutationObserver(() => aloud++).observe(document.getElementById('aloud'), { childList: true })`,
  );
  await page.click('#camera');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const heapMB = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN) / 2 ** 20;
  };
  await page.waitForTimeout(5000);
  const begin = { tensors: await page.getAttribute('#pace', 'data-tensors'), heap: await heapMB() };
  await page.waitForTimeout(15_000);
  const ages: number[] = [];
  for (let second = 0; second < 10; second++) {
    await page.waitForTimeout(1000);
    assert.equal(await page.locator('.answer').count(), 1, 'one face, all the time');
    ages.push(Number.parseFloat(await answersOn(page)));
  }
  const end = { tensors: await page.getAttribute('#pace', 'data-tensors'), heap: await heapMB() };
  const pace = Number.parseFloat((await page.textContent('#pace')) ?? '');
  console.log(
    `${pace} pictures a second, ages ${ages.join(' ')} (in Node ${ageYears.toFixed(1)}), heap ${begin.heap.toFixed(1)} to ${end.heap.toFixed(1)} MB, ${end.tensors} tensors`,
  );
  assert.ok(
    ages.every((age) => Math.abs(age - ageYears) <= 4),
    ages.join(' '),
  );
  assert.ok(Math.max(...ages) - Math.min(...ages) <= 3, ages.join(' '));
  assert.ok(pace >= 2, `${pace} pictures a second`);
  assert.ok(Number(begin.tensors) > 100, String(begin.tensors));
  assert.equal(end.tensors, begin.tensors);
  assert.ok(Math.abs(end.heap - begin.heap) < 5, `${begin.heap} to ${end.heap} MB`);
  const aloud = await page.evaluate<number>('aloud');
  assert.ok(aloud >= 1 && aloud <= 6, `read aloud ${aloud} times in 30 seconds`);
  await close();
});
