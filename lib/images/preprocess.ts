/**
 * What MobileNetV2 expects of a pixel: [0, 255] becomes [-1, 1]. The one place where this is said; training, evaluation and
 * prediction all come here, because a network fed with other numbers than it learned from fails without an error.
 */

/** Half the range of a pixel. */
export const PIXEL_SCALE = 127.5;

/** Names the way from a pixel to an input: whatever is kept on disk and was made by it says so. To be changed with it. */
export const PREPROCESSING = 'x / 127.5 - 1';

/** RGB values in [0, 255] to network input in [-1, 1]: `x / 127.5 - 1`. */
export function preprocess(pixels: Uint8Array): Float32Array {
  const input = new Float32Array(pixels.length);
  for (let index = 0; index < pixels.length; index++) input[index] = pixels[index] / PIXEL_SCALE - 1;
  return input;
}
