import assert from 'node:assert/strict';
import { test } from 'node:test';
import { footerHtml } from '../../lib/pages/page';

const textOf = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

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
