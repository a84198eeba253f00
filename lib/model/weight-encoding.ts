/** How tfjs packs one weight into bytes, and the way back to float32. */
import { InputError } from '../base/errors';
import { shapeSize } from './weights';

/** One entry of a weights manifest. */
export interface WeightEncoding {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: {
    readonly dtype: string;
    readonly scale?: number;
    readonly min?: number;
  };
}

const BYTES_PER_VALUE: Readonly<Record<string, number>> = { float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1 };

/** How many bytes of a shard the weight takes. Throws an InputError for an encoding that is not read. */
export function encodedBytes(encoding: WeightEncoding): number {
  const dtype = encoding.quantization?.dtype ?? encoding.dtype;
  const bytes = BYTES_PER_VALUE[dtype];
  if (bytes === undefined) {
    throw new InputError(`The weight ${encoding.name} is of type ${dtype}; expected ${Object.keys(BYTES_PER_VALUE).join(', ')}.`);
  }
  return bytes * shapeSize(encoding.shape);
}

/** The values of a weight from its bytes. */
export function decodeWeight(encoding: WeightEncoding, bytes: Uint8Array): Float32Array {
  const { quantization } = encoding;
  const dtype = quantization?.dtype ?? encoding.dtype;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(shapeSize(encoding.shape));
  const { scale = 1, min = 0 } = quantization ?? {};
  const halves = dtype === 'float16' ? allHalves() : new Float32Array();
  for (let index = 0; index < values.length; index++) {
    if (dtype === 'float32') values[index] = view.getFloat32(4 * index, true);
    else if (dtype === 'int32') values[index] = view.getInt32(4 * index, true);
    else if (dtype === 'float16') values[index] = halves[view.getUint16(2 * index, true)];
    else if (dtype === 'uint16') values[index] = view.getUint16(2 * index, true) * scale + min;
    else values[index] = bytes[index] * scale + min;
  }
  return values;
}

let table: Float32Array | undefined;

/** Every half precision number by its bits: looking up two million weights is ten times as quick as computing them. */
function allHalves(): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => halfToFloat(bits));
  return table;
}

/** The number that 16 bits of IEEE 754 half precision stand for. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
