/** Answers to any number of files, one after the other in their order, while the next ones are being read. */
import { CHUNK, mapAhead, mapChunks } from '../base/parallel';
import { orUnread, READING } from './aligned';
import { type PhotoOptions, type PhotoPrediction, type Predictor, wholeOf } from './predictor';

/** What became of a file. */
export interface PhotoAnswer extends PhotoPrediction {
  /** Why it could not be read; it has no faces then. */
  readonly error?: string;
}

/** Each takes up to 100 MB until it is answered. */
const PHOTOS_AHEAD = 1;

/**
 * An answer to each file, in order; a file that cannot be read is answered with the reason. Few files are in memory at a time.
 * Aligned pictures go through the network 32 at a time and are read by other processes, whole photos one by one. Of the files `skip` were
 * answered before, by a call that was stopped: the rest is answered as that would have done, bit for bit.
 */
export async function* predictFiles(
  predictor: Predictor,
  files: readonly string[],
  { skip = 0, ...options }: PhotoOptions & { readonly skip?: number } = {},
): AsyncGenerator<PhotoAnswer> {
  const aligned = options.framing === 'aligned';
  let known = aligned ? skip % CHUNK : 0; // a batch that was begun is run again as a whole: what a picture is told depends on its company in the last bits
  const answers = (aligned ? answerAligned : answerPhotos)(predictor, files.slice(skip - known), options);
  for await (const answer of answers) if (known-- <= 0) yield answer;
}

function answerPhotos(predictor: Predictor, files: readonly string[], options: PhotoOptions): AsyncGenerator<PhotoAnswer> {
  return mapAhead(files, PHOTOS_AHEAD, async (file): Promise<PhotoAnswer> => {
    const photo = await orUnread(file, predictor.predictImage(file, options));
    return 'error' in photo ? { ...photo, framing: options.framing ?? 'detected', faces: [] } : { file, ...photo };
  });
}

async function* answerAligned(
  predictor: Predictor,
  files: readonly string[],
  { flipAverage = false }: PhotoOptions,
): AsyncGenerator<PhotoAnswer> {
  const { sizePx } = predictor.facts;
  const framing = 'aligned';
  for await (const pictures of mapChunks(READING, files, ({ readAligned }, chunk) => readAligned(chunk, sizePx))) {
    const pixels = Buffer.concat(pictures.flatMap((picture) => ('error' in picture ? [] : [picture.pixels])));
    const predict = async () => (flipAverage ? (await predictor.predictMirrored(pixels)).flipAveraged : predictor.predictPixels(pixels));
    const predictions = pixels.length > 0 ? await predict() : [];
    let next = 0;
    for (const picture of pictures) {
      if ('error' in picture) yield { ...picture, framing, faces: [] };
      else yield { file: picture.file, framing, faces: [{ ...predictions[next++], ...wholeOf(picture.widthPx, picture.heightPx) }] };
    }
  }
}
