/** Whether a reader's answer to an exercise is right. */
import { noteHtml } from '../pages/html';

/** A note: nothing is told before there is an answer, and of a wrong one only the hint. `within` is how far off a number may be. */
export function checked<T extends string | number>(mine: T | undefined, right: T, hint: string, within = 0): string {
  if (mine === undefined) return noteHtml('Write your answer into the cell above, then run both cells again.');
  const isRight = typeof right === 'number' ? Math.abs(Number(mine) - right) <= within : String(mine).trim() === right;
  return noteHtml(isRight ? 'Right.' : `Not yet. ${hint}`);
}
