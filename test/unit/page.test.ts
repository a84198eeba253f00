import assert from 'node:assert/strict';
import { test } from 'node:test';
import { footerHtml, type IndexPage, indexPageHtml } from '../../lib/pages/page';
import { resolveConfig } from '../../lib/presets';
import { BASELINES, drawnRecords, realHistory } from '../figures';

const PAGE: IndexPage = {
  run: 'demo-1',
  known: {
    config: resolveConfig({ preset: 'demo', epochs: 20 }),
    provenance: { data: { kind: 'drawn', label: 'drawn faces (seed 1)' }, trainedBy: [] },
    history: realHistory(),
    split: { training: drawnRecords(80), validation: drawnRecords(40) },
    baselines: BASELINES,
  },
  notes: ['These <b>faces</b> are drawn.'],
  pages: [{ href: '01-explore-data.html', title: 'Explore <data>', question: 'What is in it?' }],
  faces: true,
  footer: footerHtml({ code: 'abc' }),
};

const textOf = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

test('the index puts the baseline beside what each session reached', () => {
  const text = textOf(indexPageHtml(PAGE));
  assert.match(
    text,
    /Baseline: the same answer for every face 52\.0 % 15\.06 years After session 1 94\.5 % 4\.60 years After session 2 94\.7 % 4\.41 years/,
  );
  assert.match(text, /run demo-1 · preset demo · drawn faces \(seed 1\) · images of 96 × 96 px · seed 1/);
});

test('the index links the pages with their questions, escaped', () => {
  assert.match(
    indexPageHtml(PAGE),
    /<a href="01-explore-data.html"><strong>Explore &lt;data&gt;<\/strong><span>What is in it\?<\/span><\/a>/,
  );
});

test('the index says what must not be overlooked about its run, escaped', () => {
  assert.match(indexPageHtml(PAGE), /<aside role="note"[^>]*>These &lt;b&gt;faces&lt;\/b&gt; are drawn\.<\/aside>/);
});

test('a run without an epoch has an index that says so', () => {
  assert.match(indexPageHtml({ ...PAGE, known: { ...PAGE.known, history: [] } }), /Nothing is trained in this run yet/);
});

test('the footer shows whatever the provenance holds, nested or not, without markup of its own', () => {
  const footer = footerHtml({
    data: { sha256: 'ab', nearDuplicatePairs: 3, files: 21708 },
    list: [1, { deep: true }],
    code: '<b>',
    limit: null,
  });
  assert.equal(
    textOf(footer).trim(),
    'Where these numbers come from data sha256 ab, near duplicate pairs 3, files 21,708 list 1; deep true code &lt;b&gt; limit default',
  );
});
