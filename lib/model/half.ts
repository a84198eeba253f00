/** float32 to IEEE 754 half precision, rounded to the nearest even. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Little-endian, two bytes a value. Values beyond ±65504 become infinite. */
export function encodeHalf(values: Float32Array): Uint8Array {
  const halves = Uint16Array.from(values, toHalf);
  return new Uint8Array(halves.buffer);
}

function toHalf(value: number): number {
  float[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = bits[0] & 0x7fffffff;
  if (magnitude > 0x7f800000) return 0x7e00; // not a number
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds beyond the largest half
  if (magnitude < 0x38800000) return sign | roundEven(Math.abs(float[0]) * 2 ** 24); // subnormal: steps of 2^-24
  const rebased = magnitude - 0x38000000; // exponent bias 127 to 15
  return sign | ((rebased + 0x0fff + ((rebased >>> 13) & 1)) >>> 13);
}

function roundEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
