/** Pictures that are framed as UTKFace's already, read in processes of their own, which load no network. */
import { InputError } from '../base/errors';
import { mapConcurrent, serve } from '../base/parallel';
import { openSquare } from '../images/decode';

export interface AlignedPicture {
  readonly file: string;
  readonly pixels: Uint8Array;
  /** Of the upright picture in its file. */
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A file that could not be read, and why, in words that leave its name out. */
export interface Unread {
  readonly file: string;
  readonly error: string;
}

/** What is read of a file, or why it cannot be. Whatever is not the file's fault is thrown. */
export async function orUnread<T>(file: string, reading: Promise<T>): Promise<T | Unread> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { file, error: error.message.replace(`${file}: `, '') };
  }
}

export const READING = { script: 'lib/predict/aligned.ts', functions: { readAligned } };
serve(READING);

function readAligned(files: readonly string[], sizePx: number): Promise<readonly (AlignedPicture | Unread)[]> {
  const read = async (file: string) => ({ file, ...(await openSquare(file, sizePx)) });
  return mapConcurrent(files, 1, (file) => orUnread(file, read(file)));
}
