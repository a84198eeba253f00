/** Makes a data set of aligned faces out of whole photos: of each its central face, framed as UTKFace's, under the labels it had. */
import path from 'node:path';
import { writeFileAtomically } from '../base/files';
import { mapAhead } from '../base/parallel';
import type { ProgressListener } from '../base/progress';
import { csvLine } from '../base/text';
import { LABELS_FILE } from '../data/labels';
import type { FaceLabels, QuarantinedFile } from '../data/record';
import { frameFile } from '../faces/crop';
import type { FoundFace } from '../faces/finder';
import { openFaceFinder } from '../faces/open-finder';
import { openPhoto } from '../images/decode';
import { orUnread } from '../predict/aligned';

export interface LabelledPhoto {
  /** Absolute. */
  readonly file: string;
  /** Its path in the data set, with forward slashes. */
  readonly below: string;
  /** Absent where nobody knows. */
  readonly labels?: FaceLabels;
}

const PHOTOS_AHEAD = 1;
const COLUMNS = ['file', 'age', 'age_lo', 'age_hi', 'gender', 'race', 'group'];

/** Writes `folder`, with a labels.csv where there are labels; answers which photos are not in it, and why. */
export async function framePhotos(
  photos: readonly LabelledPhoto[],
  folder: string,
  onProgress?: ProgressListener,
): Promise<readonly QuarantinedFile[]> {
  const left: QuarantinedFile[] = [];
  const rows: string[] = [];
  let done = 0;
  const finder = await openFaceFinder();
  const opening = mapAhead(photos, PHOTOS_AHEAD, async (photo) => ({
    ...photo,
    opened: await orUnread(photo.file, openPhoto(photo.file)),
  }));
  try {
    for await (const { below, labels, opened } of opening) {
      const face = 'error' in opened ? undefined : centralOf(await finder.find(opened), opened.widthPx, opened.heightPx);
      if ('error' in opened || !face) left.push({ file: below, reason: 'error' in opened ? opened.error : 'no face found.' });
      else {
        const name = /\.jpe?g$/i.test(below) ? below : `${below}.jpg`;
        await writeFileAtomically(path.join(folder, name), await frameFile(opened, face.frame));
        if (labels)
          rows.push(csvLine([name, labels.ageYears, ...(labels.ageRangeYears ?? ['', '']), labels.gender, labels.race, labels.group]));
      }
      onProgress?.({ label: 'Framing faces', done: ++done, total: photos.length, unit: 'photos' });
    }
  } finally {
    finder.dispose();
  }
  if (rows.length > 0) await writeFileAtomically(path.join(folder, LABELS_FILE), [csvLine(COLUMNS), ...rows].join(''));
  return left;
}

/** The face that a photo is of: wide, and near its middle. */
export function centralOf<F extends Pick<FoundFace, 'box'>>(faces: readonly F[], widthPx: number, heightPx: number): F | undefined {
  const weight = ({ box: { x, y, width, height } }: F) =>
    width * (1 - Math.hypot(x + width / 2 - widthPx / 2, y + height / 2 - heightPx / 2) / Math.hypot(widthPx, heightPx));
  return faces.reduce<F | undefined>((best, face) => (best && weight(best) >= weight(face) ? best : face), undefined);
}
