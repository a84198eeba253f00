/**
 * TensorBoard's event files: TFRecords, each an Event message of tensorflow/core/util/event.proto. TensorFlow's own writer,
 * which tfjs-node hands out, cannot be closed, starts a new file each time, and stamps points with the time of writing; what
 * little of the format scalars need is written here.
 */
import { crc32c } from '../data/crc32';

export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTimeSeconds: number;
  /** A whole number below 2 ** 32. */
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/** A whole file. More events make it longer and change nothing before. */
export function eventFile(startSeconds: number, events: readonly ScalarEvent[]): Uint8Array {
  const version = concat([double(1, startSeconds), bytes(3, Buffer.from('brain.Event:2'))]);
  const messages = events.map(({ wallTimeSeconds, step, scalars }) => {
    const values = Object.entries(scalars).map(([tag, value]) => bytes(1, concat([bytes(1, Buffer.from(tag)), float(2, value)])));
    return concat([double(1, wallTimeSeconds), concat([varint(2 << 3), varint(step)]), bytes(5, concat(values))]);
  });
  return concat([version, ...messages].map(record));
}

/** Length, its checksum, the message, its checksum. */
function record(message: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(message.length));
  return concat([length, masked(length), message, masked(message)]);
}

/** Checksums of data that holds checksums itself are turned and shifted, as the format asks. */
function masked(data: Uint8Array): Uint8Array {
  const crc = crc32c(data);
  const result = Buffer.alloc(4);
  result.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return result;
}

function double(field: number, value: number): Uint8Array {
  const result = Buffer.alloc(9);
  result[0] = (field << 3) | 1;
  result.writeDoubleLE(value, 1);
  return result;
}

function float(field: number, value: number): Uint8Array {
  const result = Buffer.alloc(5);
  result[0] = (field << 3) | 5;
  result.writeFloatLE(value, 1);
  return result;
}

function bytes(field: number, content: Uint8Array): Uint8Array {
  return concat([varint((field << 3) | 2), varint(content.length), content]);
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const result: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...result, rest]);
    result.push(128 + (rest % 128));
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
