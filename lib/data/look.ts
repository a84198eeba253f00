/** What a catalog has to know of a file, found by reading and decoding it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InputError, messageOf } from '../base/errors';
import { decodeGrey } from '../images/decode';
import { parseFaceName } from './names';
import { NEAR_DUPLICATE_SIZE_PX } from './near-duplicates';
import type { FaceRecord } from './record';

/** Either a record, and its small grey image to find near duplicates by, or the reason why there is none. */
export interface LookedAt {
  readonly file: string;
  readonly sha256: string;
  readonly grey?: Uint8Array;
  readonly record?: FaceRecord;
  readonly reason?: string;
}

export const LOOKING = { script: 'lib/data/look-process.ts', functions: { lookAtFiles } };

async function lookAtFiles(folder: string, files: readonly string[]): Promise<readonly LookedAt[]> {
  const looked: LookedAt[] = [];
  for (const file of files) looked.push(await lookAt(folder, file));
  return looked;
}

async function lookAt(folder: string, file: string): Promise<LookedAt> {
  const labels = parseFaceName(path.posix.basename(file));
  const bytes = readBytes(path.join(folder, file));
  if (typeof bytes === 'string') return { file, sha256: '', reason: `cannot be read (${bytes.split(',')[0]})` };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if ('reason' in labels) return { file, sha256, reason: labels.reason };
  try {
    return { file, sha256, grey: await decodeGrey(bytes, NEAR_DUPLICATE_SIZE_PX, ''), record: { file, sha256, ...labels } };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { file, sha256, reason: error.message.replace(/^: /, '').replace(/(?:: [^:]*)?\.$/, '') };
  }
}

/** The message, where a file cannot be read. */
function readBytes(file: string): Buffer | string {
  try {
    return readFileSync(file);
  } catch (error) {
    return messageOf(error);
  }
}
