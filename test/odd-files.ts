/**
 * Files as they are found in people's folders, and as somebody with bad intentions makes them: whatever a folder of photos may
 * hold, each with what is to become of it.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

/** Whether it is read, or what the reason matches. */
export type Outcome = 'read' | RegExp;

export interface OddFile {
  readonly name: string;
  readonly outcome: Outcome;
  /** Of the upright picture, where it is read. */
  readonly size?: readonly [widthPx: number, heightPx: number];
  /** Whether its colours are those of the photo that it was made of. */
  readonly looksAlike?: boolean;
}

/** Writes all of them into `folder`, around a photo of a face. */
export async function writeOddFiles(folder: string, photo: Buffer): Promise<readonly OddFile[]> {
  const files: OddFile[] = [];
  const add = (name: string, content: Buffer | string, outcome: Outcome, size?: OddFile['size'], looksAlike?: boolean) => {
    writeFileSync(path.join(folder, name), content);
    files.push({ name, outcome, size, looksAlike });
  };
  const image = sharp(photo);
  const { width = 0, height = 0 } = await image.metadata();
  const whole = [width, height] as const;
  const baseline = await image.clone().jpeg({ quality: 90 }).toBuffer();
  const progressive = await image.clone().jpeg({ progressive: true }).toBuffer();
  const png = await image.clone().png().toBuffer();
  await addFormats(add, image, whole);
  addCuts(add, { baseline, progressive, png });
  await addOthers(add, baseline, png, whole);
  await addBombs(add, baseline);
  await addSizes(add);
  await addLarge(add);
  for (const [name, outcome] of addEntries(folder, baseline)) files.push({ name, outcome });
  return files;
}

type Add = (name: string, content: Buffer | string, outcome: Outcome, size?: OddFile['size'], looksAlike?: boolean) => void;

const DAMAGED = /truncated or damaged/;
const NO_IMAGE = /not an image that can be read/;
const TOO_LARGE = /too large, expected at most \d+ megapixels/;

/** What cameras, scanners and programs write. */
async function addFormats(add: Add, image: Sharp, whole: readonly [number, number]): Promise<void> {
  const alpha = image.clone().ensureAlpha(0.5);
  const made: Readonly<Record<string, Sharp>> = {
    'grey.jpg': image.clone().greyscale().jpeg(),
    'progressive.jpg': image.clone().jpeg({ progressive: true }),
    'cmyk.jpg': image.clone().toColourspace('cmyk').jpeg(),
    'cmyk.tif': image.clone().toColourspace('cmyk').tiff(),
    'wide-colours.jpg': image.clone().withIccProfile('p3').jpeg(),
    'sixteen-bit.png': image.clone().toColourspace('rgb16').png(),
    'sixteen-bit-grey.png': image.clone().toColourspace('grey16').png(),
    'sixteen-bit.tif': image.clone().toColourspace('rgb16').tiff(),
    'alpha.png': alpha.clone().png(),
    'grey-alpha.png': alpha.clone().greyscale().png(),
    'sixteen-bit-alpha.png': alpha.clone().toColourspace('rgb16').png(),
    'palette.png': image.clone().png({ palette: true }),
    'interlaced.png': image.clone().png({ progressive: true }),
    'one-bit.tif': image.clone().threshold().toColourspace('b-w').tiff({ bitdepth: 1 }),
    'tiled.tif': image.clone().tiff({ tile: true, compression: 'lzw' }),
    'lab.tif': image.clone().toColourspace('lab').tiff(),
    'a.webp': image.clone().webp(),
    'lossless.webp': alpha.clone().webp({ lossless: true }),
    'a.avif': image.clone().avif(),
    'a.gif': image.clone().gif(),
  };
  for (const [name, pipeline] of Object.entries(made))
    add(name, await pipeline.toBuffer(), 'read', whole, !/grey|one-bit|alpha|lossless/.test(name));
  const frames = await Promise.all([0, 90, 180].map((turn) => image.clone().rotate(turn).resize(64, 64).png().toBuffer()));
  const animated = () => sharp(frames, { join: { animated: true } });
  add('animated.gif', await animated().gif().toBuffer(), 'read', [64, 64]);
  add('animated.webp', await animated().webp().toBuffer(), 'read', [64, 64]);
  const [wide, high] = [
    [60, 40],
    [40, 60],
  ] as const;
  for (let orientation = 1; orientation <= 8; orientation++) {
    const turned = image.clone().resize(60, 40).withMetadata({ orientation });
    add(`orientation-${orientation}.jpg`, await turned.clone().jpeg().toBuffer(), 'read', orientation < 5 ? wide : high);
    if (orientation > 5) add(`orientation-${orientation}.tif`, await turned.clone().tiff().toBuffer(), 'read', high);
  }
}

/** Downloads and cards that broke off. */
function addCuts(add: Add, { baseline, progressive, png }: Readonly<Record<'baseline' | 'progressive' | 'png', Buffer>>): void {
  for (const [kind, bytes] of [
    ['baseline', baseline],
    ['progressive', progressive],
  ] as const) {
    for (const [index, { offset, name }] of markersOf(bytes).entries()) {
      if (offset === 0) continue;
      add(`${kind}-cut-${String(index).padStart(2, '0')}-before-${name}.jpg`, bytes.subarray(0, offset), DAMAGED);
    }
  }
  const half = Math.floor(baseline.length / 2);
  add('end-half-written.jpg', baseline.subarray(0, -1), DAMAGED);
  add('more-after-the-end.jpg', Buffer.concat([baseline, Buffer.alloc(5000, 7)]), 'read');
  add('cut-in-half.jpg', baseline.subarray(0, half), DAMAGED);
  for (const bytes of [3, 4, 6, 20, 200]) add(`cut-${bytes}-bytes-early.jpg`, baseline.subarray(0, -bytes), DAMAGED);
  add('second-half-zeros.jpg', Buffer.concat([baseline.subarray(0, half), Buffer.alloc(baseline.length - half)]), DAMAGED);
  add('cut-in-half.png', png.subarray(0, png.length / 2), DAMAGED);
  add('wrong-checksum.png', changed(png, png.length - 40), DAMAGED);
}

/** Names that promise something else, other kinds of files, and headers that lie. */
async function addOthers(add: Add, baseline: Buffer, png: Buffer, whole: readonly [number, number]): Promise<void> {
  add('png-inside.jpg', png, 'read', whole);
  add('jpeg-inside.tiff', baseline, 'read', whole);
  add('text.png', 'Dear Sir or Madam', NO_IMAGE);
  add('page.jpg', '<!doctype html><title>404</title>', NO_IMAGE);
  add('empty.jpg', '', /is empty \(0 bytes\)/);
  add('one-byte.jpg', Buffer.from([0xff]), NO_IMAGE);
  add('paint.bmp', Buffer.from('BM and so on'), /^BMP, which cannot be read/);
  add('phone.heic', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), /^HEIC, which cannot be read/);
  add('film.jpg', Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom'), NO_IMAGE);
  add('drawing.jpg', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>', NO_IMAGE);
  add('document.jpg', Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1'), NO_IMAGE);
  add('archive.jpg', Buffer.from('PK\x03\x04and so on'), NO_IMAGE);
  add('noise.jpg', Buffer.from(Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 251)), NO_IMAGE);
  for (const depth of ['float', 'double', 'int', 'short'] as const)
    add(`${depth}.tif`, await rawTiff(depth), depth === 'double' ? DAMAGED : /expected 8 or 16 bits/);
  add(
    'no-such-orientation.jpg',
    await sharp(baseline)
      .withExif({ IFD0: { Orientation: '9' } })
      .toBuffer(),
    'read',
    whole,
  );
  add('broken-profile.jpg', await brokenProfile(baseline), 'read', whole);
}

/** Small files that claim, or unfold to, far more than a computer holds. */
async function addBombs(add: Add, baseline: Buffer): Promise<void> {
  add('bomb-50000.png', pngOf(50_000, 50_000, Buffer.alloc(1000)), TOO_LARGE);
  add('bomb-2147483647.png', pngOf(2 ** 31 - 1, 2 ** 31 - 1, Buffer.alloc(10)), /too large|truncated or damaged/);
  const gif = Buffer.from('GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;', 'latin1');
  add('bomb-65535.gif', gif, TOO_LARGE);
  const white = (side: number) =>
    sharp({ create: { width: side, height: side, channels: 3, background: '#fff' }, limitInputPixels: false });
  add('bomb-16383.webp', await white(16_383).webp({ lossless: true, effort: 0 }).toBuffer(), TOO_LARGE);
  add('bomb-60000.tif', tiffOf(60_000, 60_000), TOO_LARGE);
  add('bomb-65500.jpg', resized(baseline, 65_500, 65_500), TOO_LARGE);
  add('zero-wide.jpg', resized(baseline, 0, 100), /truncated or damaged|not an image/);
  add('many-scans.jpg', manyScans(await white(4000).jpeg({ progressive: true }).toBuffer(), 3000), DAMAGED);
  // It has an end, so that nothing tells it from a picture that is grey in its lower part.
  add('large-but-empty.jpg', resized(baseline, 12_000, 12_000), 'read', [12_000, 12_000]);
  add('unfolds-to-200-megapixels.png', pngOf(14_200, 14_200, Buffer.alloc(14_200 * Math.ceil(14_200 / 8 + 1))), 'read', [14_200, 14_200]);
}

async function addSizes(add: Add): Promise<void> {
  const plain = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#c96' } });
  for (const [width, height] of [
    [1, 1],
    [30_000, 1],
    [1, 30_000],
    [60_000, 100],
  ] as const) {
    add(`${width}-by-${height}.png`, await plain(width, height).png().toBuffer(), 'read', [width, height]);
  }
  add('1-by-1.jpg', await plain(1, 1).jpeg().toBuffer(), 'read', [1, 1]);
  add('1-by-1.gif', await plain(1, 1).gif().toBuffer(), 'read', [1, 1]);
}

/** What the largest cameras of phones take, 200 megapixels, and some that take more memory to read than others. */
async function addLarge(add: Add): Promise<void> {
  const [width, height] = [16_320, 12_240];
  const plain = () => sharp({ create: { width, height, channels: 3, background: '#c96' } });
  const upright = [height, width] as const;
  const lying = () => plain().withMetadata({ orientation: 6 });
  add('200-megapixels.jpg', await lying().jpeg().toBuffer(), 'read', upright);
  add('200-megapixels.png', await lying().png({ compressionLevel: 1 }).toBuffer(), 'read', upright);
  add('200-megapixels.tif', await lying().tiff({ compression: 'deflate' }).toBuffer(), 'read', upright);
  add('200-megapixels-progressive.jpg', await plain().jpeg({ progressive: true }).toBuffer(), TOO_LARGE);
}

/** What is no plain file, and names that are hard to say. As root, nothing is forbidden. */
function addEntries(folder: string, photo: Buffer): readonly (readonly [name: string, outcome: Outcome])[] {
  const at = (name: string) => path.join(folder, name);
  mkdirSync(at('folder.jpg'));
  execFileSync('mkfifo', [at('fifo.jpg')]);
  symlinkSync('nowhere.jpg', at('link-to-nowhere.jpg'));
  symlinkSync('link-to-itself.jpg', at('link-to-itself.jpg'));
  symlinkSync('/dev/zero', at('link-to-a-device.jpg'));
  writeFileSync(at('forbidden.jpg'), photo);
  chmodSync(at('forbidden.jpg'), 0);
  writeFileSync(at('two-terabytes.jpg'), photo);
  truncateSync(at('two-terabytes.jpg'), 2e12);
  const names = [
    'two\nlines.jpg',
    'smile \u{1f600}.jpg',
    '-rf.jpg',
    '--json.jpg',
    'quotes\'" and, commas;.jpg',
    ' space .jpg',
    `${'long'.repeat(62)}.jpg`,
  ];
  for (const name of [...names, '$(reboot).jpg', '[a-z]*.jpg', '\u001b[31mred.jpg']) writeFileSync(at(name), photo);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from('caf\xe9.jpg', 'latin1')]), photo);
  return [
    ['folder.jpg', /a folder, expected an image/],
    ['fifo.jpg', /a FIFO/],
    ['link-to-nowhere.jpg', /a link that leads nowhere/],
    ['link-to-itself.jpg', /cannot be read \(ELOOP/],
    ['link-to-a-device.jpg', /a device/],
    ['forbidden.jpg', process.getuid?.() === 0 ? 'read' : /cannot be read \(EACCES/],
    ['two-terabytes.jpg', /is larger than/],
    ['caf\uFFFD.jpg', /its name is not in UTF-8/],
    ...names.map((name) => [name, 'read'] as const),
    ['$(reboot).jpg', 'read'],
    ['[a-z]*.jpg', 'read'],
    ['\u001b[31mred.jpg', 'read'],
  ];
}

interface Marker {
  readonly offset: number;
  readonly name: string;
}

const MARKERS: Readonly<Record<number, string>> = { 216: 'SOI', 217: 'EOI', 218: 'SOS', 192: 'SOF', 194: 'SOF', 196: 'DHT', 219: 'DQT' };

/** Every marker of a JPEG, those between scans too. */
function markersOf(jpeg: Buffer): readonly Marker[] {
  const found: Marker[] = [];
  for (let offset = 0; offset < jpeg.length - 1; ) {
    const code = jpeg[offset + 1];
    const isMarker = jpeg[offset] === 0xff && code !== 0 && code !== 0xff && !(code >= 0xd0 && code <= 0xd7);
    if (isMarker) found.push({ offset, name: MARKERS[code] ?? code.toString(16) });
    offset += isMarker && code !== 0xd8 && code !== 0xd9 ? 2 + jpeg.readUInt16BE(offset + 2) : 1;
  }
  return found;
}

/** The same JPEG with another size in its header. */
function resized(jpeg: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(jpeg);
  const { offset } = markersOf(copy).find(({ name }) => name === 'SOF') ?? { offset: 0 };
  copy.writeUInt16BE(height, offset + 5);
  copy.writeUInt16BE(width, offset + 7);
  return copy;
}

/** A progressive JPEG whose last scan comes again and again: each is a walk over the whole picture. */
function manyScans(jpeg: Buffer, times: number): Buffer {
  const scans = markersOf(jpeg).filter(({ name }) => name === 'SOS');
  const end = jpeg.length - 2;
  const last = jpeg.subarray(scans[scans.length - 1].offset, end);
  return Buffer.concat([jpeg.subarray(0, end), ...Array.from({ length: times }, () => last), jpeg.subarray(end)]);
}

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] ^= 0xff;
  return copy;
}

/** A black and white PNG of one bit a pixel, with these rows (each begins with its filter's byte). */
function pngOf(width: number, height: number, rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    checksum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, checksum]);
  };
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}

const TIFF_KINDS = { uchar: [1, 8], int: [2, 32], short: [2, 16], float: [3, 32], double: [3, 64] } as const;

/** A grey TIFF that says of itself that it is so large; without pixels unless some are given. */
function tiffOf(width: number, height: number, kind: keyof typeof TIFF_KINDS = 'uchar', pixels = Buffer.alloc(16)): Buffer {
  const [format, bits] = TIFF_KINDS[kind];
  const tags = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, bits],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 200],
    [277, 3, 1],
    [278, 4, height],
    [279, 4, pixels.length],
    [339, 3, format],
  ];
  const head = Buffer.alloc(200);
  head.write('II*\0\x08\0\0\0', 'latin1');
  head.writeUInt16LE(tags.length, 8);
  for (const [index, [tag, type, value]] of tags.entries()) {
    head.writeUInt16LE(tag, 10 + 12 * index);
    head.writeUInt16LE(type, 12 + 12 * index);
    head.writeUInt32LE(1, 14 + 12 * index);
    head.writeUInt32LE(value, 18 + 12 * index);
  }
  return Buffer.concat([head, pixels]);
}

const rawTiff = async (kind: keyof typeof TIFF_KINDS) => tiffOf(64, 64, kind, Buffer.alloc((64 * 64 * TIFF_KINDS[kind][1]) / 8));

/** With a colour profile that is none. */
async function brokenProfile(jpeg: Buffer): Promise<Buffer> {
  const withProfile = await sharp(jpeg).withIccProfile('p3').jpeg().toBuffer();
  const at = withProfile.indexOf('ICC_PROFILE');
  return Buffer.concat([withProfile.subarray(0, at + 14), Buffer.alloc(200, 0x41), withProfile.subarray(at + 214)]);
}
