import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHtml, figureHtml, noteHtml, tableHtml } from '../../lib/pages/html';
import { faceCardHtml, imageGridHtml } from '../../lib/pages/images';

test('text that goes into a page cannot become markup', () => {
  assert.equal(escapeHtml(`<a href="x">'&'</a>`), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;');
  assert.match(noteHtml('<b>'), />&lt;b&gt;<\/aside>$/);
  const html = figureHtml({ title: '</script><b>', alt: '"', data: [{ name: '</script>' }], layout: {} });
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
  const card = faceCardHtml({ jpeg: 'AAAA', caption: 'one.jpg', faces: true }, prediction, 29);
  const text = card.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  assert.equal(
    text.trim(),
    'one.jpg Age 31 years (27 to 43) Perceived gender female male 13 % female 87 % Without looking: 29 years for every face',
  );
});
