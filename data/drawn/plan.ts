/**
 * Which files a drawn data set has. Beside plain faces it holds, in small numbers, what is wrong with real data: names with a
 * missing field, the same bytes under two names (some with labels that contradict each other), and one picture saved twice.
 */
import { InputError } from '../../lib/base/errors';
import { type Random, shuffled, streamFor } from '../../lib/base/random';
import { MAX_AGE_YEARS } from '../../lib/data/names';
import { type DrawnLabels, drawLabels } from './traits';

/** How a second version of a photo differs from the first. */
export type Retouch = 'recompressed' | 'brighter' | 'flatter';

export interface PlannedFile {
  readonly file: string;
  /** Files with the same number show the same photo; without a retouch, byte for byte. */
  readonly portrait: number;
  /** What the photo is drawn from, whatever the file's name says. */
  readonly labels: DrawnLabels;
  readonly retouch?: Retouch;
}

/** Planted among the faces; a count below LEAST_FACES would leave too few plain ones. */
export const MALFORMED_NAMES = 3;
export const DUPLICATE_GROUPS = 6;
const RETOUCHES: readonly Retouch[] = ['recompressed', 'brighter', 'flatter'];
export const LEAST_FACES = 40;

/** @throws InputError for a count below LEAST_FACES */
export function planDrawnFaces(seed: number, count: number): readonly PlannedFile[] {
  if (!Number.isInteger(count) || count < LEAST_FACES) {
    throw new InputError(`${count} drawn faces are too few: expected a whole number from ${LEAST_FACES} on.`);
  }
  const random = streamFor(seed, 'drawn plan');
  const stamps = timestamps(random);
  const named = (portrait: number, labels: DrawnLabels): PlannedFile => ({ file: fileName(labels, stamps()), portrait, labels });
  const drawn = count - DUPLICATE_GROUPS - RETOUCHES.length;
  const plain = Array.from({ length: drawn }, (_, portrait) => named(portrait, drawLabels(random)));
  const [adults, others] = [plain, plain].map((faces, side) => faces.filter(({ labels }) => labels.ageYears >= 18 === (side === 0)));
  const chosen = shuffled(adults, random);
  if (chosen.length < MALFORMED_NAMES + DUPLICATE_GROUPS + RETOUCHES.length) {
    throw new InputError(`${count} drawn faces are too few for seed ${seed}: expected ${LEAST_FACES * 2} or more.`);
  }
  const malformed = chosen
    .splice(0, MALFORMED_NAMES)
    .map((face, index) => ({ ...face, file: malformedName(face.labels, stamps(), index) }));
  const copied = chosen.splice(0, DUPLICATE_GROUPS);
  const retouched = chosen.splice(0, RETOUCHES.length);
  return [
    ...others,
    ...chosen,
    ...malformed,
    ...copied.flatMap((face, index) => [face, { ...face, file: fileName(copysLabels(face.labels, index), stamps()) }]),
    ...retouched.flatMap((face, index) => [face, { ...face, file: fileName(face.labels, stamps()), retouch: RETOUCHES[index] }]),
  ].sort((a, b) => (a.file < b.file ? -1 : 1));
}

function fileName({ ageYears, gender, race }: DrawnLabels, timestamp: string): string {
  return `${ageYears}_${gender}_${race}_${timestamp}.jpg.chip.jpg`;
}

/** A missing race or gender (which of the two, nobody can say), a missing gender, an empty one. */
function malformedName({ ageYears, gender, race }: DrawnLabels, timestamp: string, index: number): string {
  const fields = [`${ageYears}_${gender}`, `${ageYears}_3`, `${ageYears}__${race}`];
  return `${fields[index % fields.length]}_${timestamp}.jpg.chip.jpg`;
}

/** One copy contradicts its original's gender, one its age; the others agree. */
function copysLabels(labels: DrawnLabels, index: number): DrawnLabels {
  if (index === 0) return { ...labels, gender: labels.gender === 0 ? 1 : 0 };
  if (index === 1) return { ...labels, ageYears: labels.ageYears + (labels.ageYears + 12 > MAX_AGE_YEARS ? -12 : 12) };
  return labels;
}

/** `yyyymmddHHMMSSFFF` as UTKFace has it, never the same twice. */
function timestamps(random: Random): () => string {
  const given = new Set<string>();
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return () => {
    for (;;) {
      const time = two(random() * 24) + two(random() * 60) + two(random() * 60) + String(Math.floor(random() * 1000)).padStart(3, '0');
      const timestamp = `201701${two(random() * 20 + 1)}${time}`;
      if (!given.has(timestamp)) {
        given.add(timestamp);
        return timestamp;
      }
    }
  };
}
