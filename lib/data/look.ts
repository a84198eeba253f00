/** What a catalog has to know of a file, found by reading and decoding it; many at a time in processes of their own. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InputError, messageOf } from '../base/errors';
import { serve } from '../base/parallel';
import { decodeGrey } from '../images/decode';
import { NEAR_DUPLICATE_SIZE_PX } from './near-duplicates';

export interface Look {
  readonly file: string;
  /** '' where the file cannot be read. */
  readonly sha256: string;
  /** A small grey image to find near duplicates by; absent where there is none. */
  readonly grey?: Uint8Array;
  /** Why there is none. */
  readonly reason?: string;
}

export const LOOKING = { script: 'lib/data/look.ts', functions: { lookAt } };
serve(LOOKING);

/** Looks at files below `folder`. */
async function lookAt(folder: string, files: readonly string[]): Promise<readonly Look[]> {
  const looks: Look[] = [];
  for (const file of files) looks.push({ file, ...(await lookAtOne(path.join(folder, file))) });
  return looks;
}

async function lookAtOne(file: string): Promise<Omit<Look, 'file'>> {
  let sha256 = '';
  try {
    const bytes = readFileSync(file);
    sha256 = createHash('sha256').update(bytes).digest('hex');
    return { sha256, grey: await decodeGrey(bytes, NEAR_DUPLICATE_SIZE_PX, '') };
  } catch (error) {
    if (error instanceof InputError) return { sha256, reason: error.message.replace(/^: /, '').replace(/(?:: [^:]*)?\.$/, '') };
    if (sha256 !== '') throw error;
    return { sha256, reason: `cannot be read (${messageOf(error).split(',')[0]})` };
  }
}
