/** The engine that most tests of the network need. */
import assert from 'node:assert/strict';
import { openEngine } from '../lib/base/engine';

/** Opens the native engine; throws with what to do where it does not load. */
export async function openNativeEngine(): Promise<void> {
  assert.equal((await openEngine()).kind, 'native', 'these tests need the native engine: npm run doctor');
}
