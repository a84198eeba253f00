import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checked } from '../../lib/course/exercise';

test('an exercise says whether an answer is right, within what rounding costs, and keeps the answer to itself', () => {
  const textOf = (html: string) => html.replace(/<[^>]*>/g, '');
  assert.equal(textOf(checked(12.4, 12.38, 'Look at the last row.', 0.05)), 'Right.');
  assert.equal(textOf(checked(12.5, 12.38, 'Look at the last row.', 0.05)), 'Not yet. Look at the last row.');
  assert.equal(textOf(checked(' Conv_1', 'Conv_1', '')), 'Right.');
  assert.match(textOf(checked(undefined, 'Conv_1', 'Sort them.')), /^Write your answer into the cell above/);
});
