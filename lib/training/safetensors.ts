/**
 * Arrays in one file, in the safetensors format (a length, a JSON header, raw little-endian float32), so that Python and
 * others can open a checkpoint too.
 */
import { readFileSync } from 'node:fs';
import { InputError } from '../base/errors';
import { writeFileAtomically } from '../base/files';
import { type NamedWeight, type NamedWeights, shapeSize } from '../model/weights';

interface Entry {
  readonly dtype: 'F32';
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

export async function writeSafetensors(file: string, arrays: NamedWeights, metadata: Readonly<Record<string, string>>): Promise<void> {
  const header: Record<string, Entry | typeof metadata> = { __metadata__: metadata };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, values }] of Object.entries(arrays)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    offset += values.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  await writeFileAtomically(file, Buffer.concat([length, padded, ...parts]));
}

export function readSafetensors(file: string): { readonly arrays: NamedWeights; readonly metadata: Readonly<Record<string, string>> } {
  const bytes = readFileSync(file);
  try {
    const start = 8 + Number(bytes.readBigUInt64LE(0));
    const { __metadata__: metadata = {}, ...entries } = JSON.parse(bytes.toString('utf8', 8, start));
    const arrays: Record<string, NamedWeight> = {};
    for (const [
      name,
      {
        shape,
        data_offsets: [from, to],
      },
    ] of Object.entries(entries as Record<string, Entry>)) {
      if (start + to > bytes.length || to - from !== 4 * shapeSize(shape)) throw new RangeError(name);
      arrays[name] = { shape, values: new Float32Array(Uint8Array.from(bytes.subarray(start + from, start + to)).buffer) };
    }
    return { arrays, metadata };
  } catch {
    throw new InputError(`${file}: not a complete safetensors file (${bytes.length} bytes). Delete it and train the session again.`);
  }
}
