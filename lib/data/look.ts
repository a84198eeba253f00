/** What a catalog has to know of a file, found by reading and decoding it; many at a time in processes of their own. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InputError, messageOf } from '../base/errors';
import { serve } from '../base/parallel';
import { decodeGrey } from '../images/decode';
import { NEAR_DUPLICATE_SIZE_PX } from './near-duplicates';

export interface Look {
  /** '' where the file cannot be read. */
  readonly sha256: string;
  /** A small grey image to find near duplicates by; absent where there is none. */
  readonly grey?: Uint8Array;
  /** Why there is none. */
  readonly reason?: string;
}

export const LOOKING = { script: 'lib/data/look.ts', functions: { lookAt } };
serve(LOOKING);

/** Looks at files below `folder`; those that are no `images` are hashed only. */
async function lookAt(folder: string, files: readonly string[], images: readonly boolean[]): Promise<readonly Look[]> {
  const looks: Look[] = [];
  for (const [index, file] of files.entries()) looks.push(await lookAtOne(path.join(folder, file), images[index]));
  return looks;
}

async function lookAtOne(file: string, isImage: boolean): Promise<Look> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return { sha256: '', reason: `cannot be read (${messageOf(error).split(',')[0]})` };
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (!isImage) return { sha256 };
  try {
    return { sha256, grey: await decodeGrey(bytes, NEAR_DUPLICATE_SIZE_PX, '') };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { sha256, reason: error.message.replace(/^: /, '').replace(/(?:: [^:]*)?\.$/, '') };
  }
}
