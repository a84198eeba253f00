/** What the tests of files share: a temporary folder that goes away, small images, and archives with whatever inside. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { crc32, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { Header } from 'tar';
import { projectPath } from '../lib/base/project';
import { seededRandom } from '../lib/base/random';
import { IMAGE_NAME } from '../lib/images/find';

/** Removed when the test ends. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'faces-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A JPEG of random soft blotches; other seeds look nothing like it. */
export async function blotches(seed: number, sizePx = 200, quality = 90): Promise<Buffer> {
  const random = seededRandom(seed);
  const coarse = Uint8Array.from({ length: 8 * 8 * 3 }, () => random() * 255);
  return sharp(coarse, { raw: { width: 8, height: 8, channels: 3 } })
    .resize(sizePx, sizePx)
    .jpeg({ quality })
    .toBuffer();
}

/** The photo of a person that comes with the course. */
export function samplePhotoFile(): string {
  const folder = projectPath('data', 'my image');
  const [name] = readdirSync(folder).filter((one) => IMAGE_NAME.test(one));
  return path.join(folder, name);
}

/** Its face alone, framed as UTKFace has faces, as a square JPEG. */
export function sampleFace(sizePx: number): Promise<Buffer> {
  const face = sharp(samplePhotoFile()).extract({ left: 171, top: 67, width: 112, height: 112 });
  return face.resize(sizePx, sizePx).jpeg({ quality: 95 }).toBuffer();
}

export function writeFiles(folder: string, files: Readonly<Record<string, Buffer | string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
}

/** What lies in a folder, '' where there is none. */
export async function contentsOf(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? (await readdir(folder, { recursive: true })).sort() : [];
}

export interface Entry {
  readonly name: string;
  readonly content?: Buffer;
  /** Where a symbolic link points. */
  readonly link?: string;
  /** The entry that a hard link is the same as; in tars only. */
  readonly hardLink?: string;
}

/** Written by hand, since no well-behaved tool would write the entries that are to be refused. */
export function tarGz(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ name, content = Buffer.alloc(0), link, hardLink }) => {
    const block = Buffer.alloc(512);
    const plain = name.endsWith('/') ? 'Directory' : 'File';
    const type = link !== undefined ? 'SymbolicLink' : hardLink !== undefined ? 'Link' : plain;
    new Header({ path: name, type, linkpath: link ?? hardLink, size: content.length, mode: 0o644, mtime: new Date(0) }).encode(block);
    return [block, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** Stored, not compressed; links as Unix tools write them. */
export function zip(entries: readonly Entry[]): Buffer {
  let offset = 0;
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  for (const { name, content = Buffer.alloc(0), link } of entries) {
    const body = link === undefined ? content : Buffer.from(link);
    const title = Buffer.from(name);
    const common = Buffer.alloc(26); // from "version needed" to the lengths, the same in both headers
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, title, body]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((link === undefined ? 0o100644 : 0o120777) * 0x10000, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x03'), common, rest, title);
    parts.push(local);
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listing.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, listing, Buffer.from('PK\x05\x06'), end]);
}
