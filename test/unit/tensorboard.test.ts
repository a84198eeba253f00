/** The files for TensorBoard, read back by hand: framing, checksums, messages. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { writeHistory } from '../../lib/training/history';
import { crc32c } from '../../lib/training/tensorboard';
import { realHistory } from '../figures';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tensorboard-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const history = realHistory();
const side = (name: string) => path.join(folder, 'tensorboard', name);
const only = (name: string) => {
  const names = readdirSync(side(name));
  assert.equal(names.length, 1, `${name}: ${names}`);
  assert.match(names[0], /tfevents/, 'TensorBoard looks for this word');
  return path.join(side(name), names[0]);
};

test('CRC-32C gives the values of RFC 3720, appendix B.4', () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e);
});

test('every epoch is there once, under its number over both sessions, each side in a folder of its own', async () => {
  await writeHistory({ folder }, history);
  const [training, validation] = ['training', 'validation'].map((name) => readEvents(only(name)));
  assert.deepEqual(
    validation.map(({ step }) => step),
    [0, ...history.keys()].map((_, index) => index),
  );
  assert.deepEqual(Object.keys(validation[1].scalars), ['loss', 'age_loss', 'gender_loss', 'age_mae_years', 'gender_accuracy']);
  assert.deepEqual(Object.keys(training[7].scalars).slice(5), ['learning_rate', 'images_per_second']);
  assert.equal(validation[7].scalars.age_mae_years, Math.fround(history[6].validation.ageMaeYears));
  assert.equal(training[7].scalars.learning_rate, Math.fround(history[6].learningRate));
  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
  assert.ok(Math.abs(training[history.length].wallTimeSeconds - training[0].wallTimeSeconds - seconds) < 1e-3);
});

test('epoch by epoch the file grows at its end, also where a writer was killed in the middle of an epoch', async () => {
  await writeHistory({ folder }, history.slice(0, 2));
  const [file, size] = [only('validation'), statSync(only('validation')).size];
  await writeHistory({ folder }, history.slice(0, 3));
  assert.equal(only('validation'), file);
  truncateSync(file, size + 17);
  await writeHistory({ folder }, history.slice(0, 4));
  assert.equal(only('validation'), file);
  assert.deepEqual(
    readEvents(file).map(({ step }) => step),
    [0, 1, 2, 3, 4],
  );
});

test('what no longer agrees with the history is replaced: a session trained anew, a file that was spoilt, one of an older version', async () => {
  await writeHistory({ folder }, history);
  await writeHistory({ folder }, history.slice(0, 5));
  assert.equal(readEvents(only('training')).length, 6);
  appendFileSync(only('training'), 'and more');
  await writeHistory({ folder }, history.slice(0, 6));
  assert.equal(readEvents(only('training')).length, 7);
  writeFileSync(path.join(side('training'), 'events.out.tfevents.1795704155.course'), readFileSync(only('training')));
  await writeHistory({ folder }, history);
  assert.equal(readEvents(only('training')).length, 1 + history.length);
});

interface ReadEvent {
  readonly wallTimeSeconds: number;
  readonly step: number;
  readonly scalars: Record<string, number>;
}

/** Checks every checksum on the way. */
function readEvents(file: string): ReadEvent[] {
  const data = readFileSync(file);
  const events: ReadEvent[] = [];
  for (let at = 0; at < data.length; ) {
    const length = Number(data.readBigUInt64LE(at));
    assert.equal(data.readUInt32LE(at + 8), mask(slowCrc32c(data.subarray(at, at + 8))), 'checksum of the length');
    const message = data.subarray(at + 12, at + 12 + length);
    assert.equal(data.readUInt32LE(at + 12 + length), mask(slowCrc32c(message)), 'checksum of the message');
    events.push(readEvent(message));
    at += 16 + length;
  }
  return events;
}

function mask(crc: number): number {
  return Number((((BigInt(crc) >> 15n) | ((BigInt(crc) << 17n) & 0xffffffffn)) + 0xa282ead8n) & 0xffffffffn);
}

/** Bit by bit, without a table. */
function slowCrc32c(data: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of data) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  }
  return ~value >>> 0;
}

function readEvent(message: Buffer): ReadEvent {
  const fields = readFields(message);
  const summary = fields.find(({ field }) => field === 5);
  const values = summary ? readFields(summary.data).map(({ data }) => readFields(data)) : [];
  return {
    wallTimeSeconds: fields[0].data.readDoubleLE(),
    step: fields.find(({ field }) => field === 2)?.number ?? 0,
    scalars: Object.fromEntries(values.map(([tag, value]) => [tag.data.toString(), value.data.readFloatLE()])),
  };
}

interface Field {
  readonly field: number;
  readonly number: number;
  readonly data: Buffer;
}

function readFields(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let place = 1; ; place *= 128) {
      const byte = message[at++];
      value += (byte & 127) * place;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const wire = key & 7;
    const number = wire === 0 || wire === 2 ? varint() : 0;
    const length = wire === 0 ? 0 : wire === 1 ? 8 : wire === 5 ? 4 : number;
    fields.push({ field: key >> 3, number, data: message.subarray(at, at + length) });
    at += length;
  }
  return fields;
}
