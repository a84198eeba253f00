import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHtml, figureHtml, noteHtml, tableHtml } from '../../lib/pages/html';
import { faceCardHtml, faceMarksSvg, imageGridHtml, pictureHtml } from '../../lib/pages/images';

test('text that goes into a page cannot become markup', () => {
  assert.equal(escapeHtml(`<a href="x">'&'</a>`), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;');
  assert.match(noteHtml('<b>'), />&lt;b&gt;<\/aside>$/);
  const html = figureHtml({ title: '</script><b>', reading: '<b>', alt: '"', data: [{ name: '</script>' }], layout: {} });
  assert.equal(html.match(/<\/script>/g)?.length, 2);
  assert.match(html, /aria-label="&quot;"/);
});

test('a table puts numbers to the right and groups thousands', () => {
  const html = tableHtml(['layer', 'parameters'], [['Conv1', 1234567]]);
  assert.match(html, /<td style="text-align:left[^>]*>Conv1<\/td><td style="text-align:right[^>]*>1,234,567<\/td>/);
});

test('photos of people are marked for leaving out, drawn faces are not', () => {
  const grid = imageGridHtml([
    { jpeg: 'AAAA', caption: '25, female', faces: true },
    { png: Uint8Array.of(1, 2, 3), caption: 'drawn\n30, male', faces: false },
  ]);
  assert.equal(grid.match(/<figure class="photo" data-photo /g)?.length, 1);
  assert.match(grid, /<figure class="drawn" [^>]*><img src="data:image\/png;base64,AQID" alt="drawn, 30, male"/);
  assert.match(grid, /drawn<br>30, male<\/figcaption>/);
});

test('a face card says age with its interval, gender and probability, and the guess without looking', () => {
  const prediction = { ageYears: 31.4, ageIntervalYears: [27, 43], femaleProbability: 0.87 } as const;
  const card = faceCardHtml([{ jpeg: 'AAAA', caption: 'one.jpg', faces: true }], prediction, 29);
  const text = card.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  assert.equal(
    text.trim(),
    "one.jpg Age 31 years (27 to 43) In brackets: where the age lies for four of five faces like the data set's " +
      'Perceived gender female 87 % male 13 % female 87 % Without looking: 29 years for every face',
  );
});

test('faces are marked over a photo with box, turned frame and number, and go with it', () => {
  const mark = { box: { x: 95, y: 5, width: 20, height: 30 }, frame: { x: 100, y: 10, sidePx: 20, turn: Math.PI / 4 } };
  const overlay = faceMarksSvg([mark, mark], { widthPx: 100, heightPx: 50 }, 200);
  assert.match(overlay, /viewBox="0 0 100 50"/);
  assert.equal(overlay.match(/d="M95 5h20v30h-20Z"/g)?.length, 4, 'twice for each face: dark, and light on it');
  assert.equal(overlay.match(/d="M100 -4L114 10L100 24L86 10Z"/g)?.length, 4);
  assert.deepEqual(
    [...overlay.matchAll(/>(\d)<\/text>/g)].map(([, number]) => number),
    ['1', '2'],
  ); // prettier-ignore
  const [, x, y] = /<rect x="([\d.]+)" y="([\d.]+)"/.exec(overlay) ?? [];
  assert.deepEqual([Number(x), Number(y)], [91, 0], 'numbers stay within the photo');
  const html = pictureHtml({ jpeg: 'AAAA', caption: 'one.jpg', faces: true, overlay }, 200);
  assert.match(html, /^<figure class="photo" data-photo .*<svg .*<\/svg><\/div><figcaption.*<\/figure>$/);
});
