/** The way of one image into the network, step by step, as pictures and numbers. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { decodeRgb } from '../images/decode';
import { preprocess } from '../images/preprocess';
import { imageGridHtml } from '../pages/images';

export interface PreprocessedImage {
  /** uint8 RGB, row by row. */
  readonly pixels: Uint8Array;
  /** The same in [-1, 1]: what the network sees. */
  readonly input: Float32Array;
  /** The original and the square beside each other, as HTML. */
  readonly picture: string;
}

/** Decodes, crops, scales and normalises an image exactly as training does. `isPhoto` marks it for reports without faces. */
export async function preprocessImage(file: string, sizePx: number, isPhoto: boolean): Promise<PreprocessedImage> {
  const pixels = await decodeRgb(file, sizePx);
  const original = sharp(await readFile(file)).autoOrient();
  const { width, height } = (await original.metadata()).autoOrient;
  const jpeg = await original.resize({ height: 320, withoutEnlargement: true }).jpeg({ quality: 85 }).toBuffer();
  const square = await sharp(pixels, { raw: { width: sizePx, height: sizePx, channels: 3 } })
    .png()
    .toBuffer();
  const picture = imageGridHtml(
    [
      { jpeg, caption: `the file: ${width} x ${height} px`, faces: isPhoto },
      { png: square, caption: `what is left: ${sizePx} x ${sizePx} px`, faces: isPhoto },
    ],
    160,
  );
  return { pixels, input: preprocess(pixels), picture };
}
