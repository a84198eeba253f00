/**
 * TensorBoard's event files: TFRecords, each an Event message of tensorflow/core/util/event.proto. TensorFlow's own writer,
 * which tfjs-node hands out, is kept for a folder until the process ends and always appends, so that a session trained again
 * in the same notebook could not take the place of its old curve; what little of the format scalars need is written here.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { explained } from '../base/files';

export interface ScalarEvent {
  /** Since 1970, as far as TensorBoard is concerned. */
  readonly wallTimeSeconds: number;
  /** A whole number below 2 ** 32. */
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
}

const NAME = 'events.out.tfevents.0.course';

/**
 * Makes the folder's event file hold exactly these events. It is written in place: events that were there before keep their
 * bytes, and TensorBoard, which has read the file up to where it ended, finds the new ones behind them.
 */
export async function writeEvents(folder: string, events: readonly ScalarEvent[]): Promise<void> {
  const file = path.join(folder, NAME);
  const version = concat([double(1, 0), bytes(3, Buffer.from('brain.Event:2'))]);
  const content = concat([version, ...events.map(eventMessage)].map(record));
  try {
    await mkdir(folder, { recursive: true });
    const others = (await readdir(folder)).filter((name) => name !== NAME); // of versions that named it after the time
    for (const name of others) await rm(path.join(folder, name));
    await writeFile(file, content);
  } catch (error) {
    throw explained(error, file);
  }
}

function eventMessage({ wallTimeSeconds, step, scalars }: ScalarEvent): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) => bytes(1, concat([bytes(1, Buffer.from(tag)), float(2, value)])));
  return concat([double(1, wallTimeSeconds), varint(2 << 3), varint(step), bytes(5, concat(values))]);
}

/** Length, its checksum, the message, its checksum. */
function record(message: Uint8Array): Uint8Array {
  const length = bytesOf(BigUint64Array.of(BigInt(message.length)));
  return concat([length, masked(length), message, masked(message)]);
}

/** Checksums of data that holds checksums itself are turned and shifted, as the format asks. */
function masked(data: Uint8Array): Uint8Array {
  const crc = crc32c(data);
  return bytesOf(Uint32Array.of(((crc >>> 15) | (crc << 17)) + 0xa282ead8));
}

/** CRC-32 with Castagnoli's polynomial, bit by bit: there are a few hundred bytes an epoch. */
export function crc32c(data: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of data) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  }
  return ~value >>> 0;
}

// The fields of a protobuf message: a key of number and wire type, then the value.
const double = (field: number, value: number) => concat([varint((field << 3) | 1), bytesOf(Float64Array.of(value))]);
const float = (field: number, value: number) => concat([varint((field << 3) | 5), bytesOf(Float32Array.of(value))]);
const bytes = (field: number, content: Uint8Array) => concat([varint((field << 3) | 2), varint(content.length), content]);
const concat = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

/** Seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  return Uint8Array.from(value < 128 ? [value] : [128 + (value % 128), ...varint(Math.floor(value / 128))]);
}

/** Little-endian, as every processor that runs Node has them. */
function bytesOf({ buffer }: BigUint64Array | Uint32Array | Float64Array | Float32Array): Uint8Array {
  return new Uint8Array(buffer);
}
