/** Checksums of 32 bits. Node has the first built in from version 22.2 on only, the second not at all. */

/** Of ZIP archives (CRC-32, polynomial 0xEDB88320). */
export const crc32 = crcOf(0xedb88320);

/** Of TensorFlow's record files (CRC-32C, Castagnoli's polynomial 0x82F63B78). */
export const crc32c = crcOf(0x82f63b78);

function crcOf(polynomial: number): (bytes: Uint8Array) => number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? polynomial ^ (value >>> 1) : value >>> 1;
    return value;
  });
  return (bytes) => {
    let value = 0xffffffff;
    for (const byte of bytes) value = table[(value ^ byte) & 0xff] ^ (value >>> 8);
    return (value ^ 0xffffffff) >>> 0;
  };
}
