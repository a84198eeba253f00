/** Half precision, rounded to the nearest, ties to even: little-endian, two bytes a value. Beyond ±65504 it is infinite. */
export function encodeHalf(values: Float32Array): Uint8Array {
  const halves = Uint16Array.from(values, (value) => {
    if (Number.isNaN(value)) return 0x7e00;
    const magnitude = Math.abs(value);
    const exponent = Math.min(Math.max(Math.floor(Math.log2(magnitude)), -14), 16);
    const exact = magnitude / 2 ** (exponent - 10); // in the steps between neighbours
    const steps = Math.round(exact) - (exact % 2 === 0.5 ? 1 : 0);
    return (value < 0 || Object.is(value, -0) ? 0x8000 : 0) | Math.min(1024 * (exponent + 14) + steps, 0x7c00);
  });
  return new Uint8Array(halves.buffer);
}
