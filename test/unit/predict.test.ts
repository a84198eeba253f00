/** Answers as lines, files of them that were torn, places that people name, and what is drawn over a photo. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { UsageError } from '../../lib/base/errors';
import type { PhotoAnswer } from '../../lib/predict/predict-files';
import type { Framing } from '../../lib/predict/predictor';
import { type FaceRow, type PhotoRow, rowOf } from '../../lib/predict/row';
import { findPhotos } from '../../lib/tools/cli/find-photos';
import { marksSvg, writeMarkedCopy } from '../../lib/tools/cli/marked-copy';
import { append, CSV_HEADER, csvLines, jsonLines, readAnswers, tableLines } from '../../lib/tools/cli/prediction-lines';
import { sampleFace, temporaryFolder, writeFiles } from '../files';
import { isRow } from '../row-schema';

const BOX = { x: -3.4, y: 12.6, width: 99.5, height: 120.2 };
const FRAME = { x: 46, y: 72, sidePx: 160, turn: 0 };
const ANSWER: PhotoAnswer = {
  file: '/photos/a.jpg',
  framing: 'detected',
  faces: [
    { ageYears: 34.26, ageIntervalYears: [27, 43], femaleProbability: 0.91234, box: BOX, frame: FRAME, score: 0.98765 },
    { ageYears: 5, femaleProbability: 0.5, box: BOX, frame: FRAME, score: null },
  ],
};

test('a row has rounded numbers, probabilities that add up to 1, and nothing that is not known', () => {
  const row = rowOf(ANSWER, 'a.jpg');
  const box = { x: -3, y: 13, width: 100, height: 120 };
  assert.deepEqual(row, {
    file: 'a.jpg',
    faces: [
      { ageYears: 34.3, ageIntervalYears: [27, 43], gender: { male: 0.088, female: 0.912, label: 'female' }, box, score: 0.988 },
      { ageYears: 5, gender: { male: 0.5, female: 0.5, label: 'male' }, box, score: null },
    ],
    framing: 'detected',
  });
  assert.ok(isRow(row));
  assert.ok(isRow(JSON.parse(jsonLines(rowOf({ ...ANSWER, faces: [], error: 'a folder' }, 'a')))));
});

test('the schema refuses what is no row', () => {
  const row = rowOf(ANSWER, 'a.jpg');
  const [face] = row.faces;
  const wrong: readonly unknown[] = [
    [],
    { ...row, file: 5 },
    { ...row, framing: 'cropped' },
    { ...row, extra: 1 },
    { ...row, error: 'faces and an error' },
    { file: 'a.jpg', framing: 'detected' },
    { ...row, faces: [{ ...face, ageYears: -1 }] },
    { ...row, faces: [{ ...face, ageIntervalYears: [27] }] },
    { ...row, faces: [{ ...face, score: 1.5 }] },
    { ...row, faces: [{ ...face, box: { ...face.box, x: 1.5 } }] },
    { ...row, faces: [{ ...face, gender: { male: 0.5, female: 0.5 } }] },
  ];
  for (const value of wrong) assert.ok(!isRow(value), JSON.stringify(value));
});

test('a table has a line a face, says where nobody can be sure, and lets no file name break it', () => {
  const lines = tableLines(['a\nb.jpg'])(rowOf(ANSWER, 'a\nb.jpg'));
  assert.equal(
    lines,
    'a\\u{a}b.jpg  100 x 120 px at -3, 13      34 years (27 to 43)   female 91 %\n' +
      'a\\u{a}b.jpg  100 x 120 px at -3, 13      5 years (no interval)  male 50 %, uncertain\n',
  );
  assert.equal(tableLines(['b.jpg'])(rowOf({ ...ANSWER, faces: [] }, 'b.jpg')), 'b.jpg  no face\n');
  assert.equal(tableLines(['b.jpg'])(rowOf({ ...ANSWER, faces: [], error: 'a folder.' }, 'c.jpg')), 'c.jpg  not read: a folder.\n');
  assert.match(tableLines(['b.jpg'])(rowOf(ANSWER, '\u001b[2J\u009b31m.jpg')), /^\\u\{1b\}\[2J\\u\{9b\}31m\.jpg/);
});

test('CSV quotes as RFC 4180 has it', () => {
  assert.equal(
    CSV_HEADER,
    'file,face,age_years,age_low_years,age_high_years,gender,male_probability,female_probability,box_x,box_y,box_width,box_height,score,framing,error\r\n',
  );
  assert.equal(
    csvLines(rowOf(ANSWER, 'a "b", c\n.jpg')),
    '"a ""b"", c\n.jpg",1,34.3,27,43,female,0.088,0.912,-3,13,100,120,0.988,detected,\r\n' +
      '"a ""b"", c\n.jpg",2,5,,,male,0.5,0.5,-3,13,100,120,,detected,\r\n',
  );
  assert.equal(csvLines(rowOf({ ...ANSWER, faces: [], error: 'no, none' }, 'x')), 'x,,,,,,,,,,,,,detected,"no, none"\r\n');
});

const ROWS: readonly PhotoRow[] = ['a.jpg', 'b\n.jpg', 'c.jpg'].map((file) => rowOf(ANSWER, file));
const TEXT = ROWS.map(jsonLines).join('');

test('a file of answers that was torn anywhere goes on to be the same', (context) => {
  const file = path.join(temporaryFolder(context), 'answers.jsonl');
  const names = [...ROWS.map((row) => row.file), 'd.jpg'];
  for (let cut = 0; cut <= TEXT.length; cut++) {
    writeFileSync(file, TEXT.slice(0, cut));
    const answers = readAnswers(file, names, 'detected');
    assert.deepEqual(answers, ROWS.slice(0, answers.length));
    assert.ok(readFileSync(file, 'utf8').length === answers.map(jsonLines).join('').length, 'what was torn is gone');
    for (const row of ROWS.slice(answers.length)) append(file, jsonLines(row));
    assert.equal(readFileSync(file, 'utf8'), TEXT);
  }
  assert.deepEqual(readAnswers(`${file}.none`, names, 'detected'), []);
});

test('what is no file of answers stays as it is, and answers to other photos are not gone on with', (context) => {
  const file = path.join(temporaryFolder(context), 'notes');
  const names = ROWS.map((row) => row.file);
  const refuses = (content: string, expected: RegExp, photos: readonly string[] = names, framing: Framing = 'detected') => {
    writeFileSync(file, content);
    assert.throws(() => readAnswers(file, photos, framing), expected);
    assert.equal(readFileSync(file, 'utf8'), content);
  };
  for (const content of ['Dear diary', 'Dear diary\n', `${TEXT}and more\n`, `${TEXT}and more`, '{"file":1}\n{"file":\n', '5\n'])
    refuses(content, /notes, line \d: no answer of an earlier call/);
  refuses(TEXT, /line 1: answers a\.jpg \(detected\), expected b\\u\{a\}\.jpg/, names.slice(1));
  refuses(TEXT, /line 3: answers c\.jpg \(detected\), expected no more/, names.slice(0, 2));
  refuses(TEXT, /line 1: answers a\.jpg \(detected\), expected a\.jpg \(aligned\)/, names, 'aligned');
  writeFileSync(file, TEXT.replaceAll('detected', 'aligned'));
  assert.equal(readAnswers(file, names, 'detected').length, 3, 'photos may turn out to be crops');
});

test('a place where nothing can be written is told', (context) => {
  const folder = temporaryFolder(context);
  appendFileSync(path.join(folder, 'file'), '');
  assert.throws(() => append(path.join(folder, 'file', 'answers'), ''), /file\/answers cannot be written/);
  append(path.join(folder, 'new', 'answers'), '');
});

async function album(context: TestContext): Promise<string> {
  const folder = temporaryFolder(context);
  writeFiles(folder, { 'b.jpg': '', 'sub/a.PNG': '', '.hidden.jpg': '', 'notes.txt': '', '-x.jpg': '' });
  mkdirSync(path.join(folder, 'empty'));
  symlinkSync('.', path.join(folder, 'again'));
  symlinkSync('nowhere', path.join(folder, 'gone.jpg'));
  return folder;
}

test('places are looked up in order, each photo once, with its name below the place', async (context) => {
  const folder = await album(context);
  const { photos, remarks } = await findPhotos([path.join(folder, 'sub', 'a.PNG'), folder, path.join(folder, '*.jpg')]);
  assert.deepEqual(
    photos.map(({ file, below }) => [path.relative(folder, file), below]),
    [
      ['sub/a.PNG', 'sub/a.PNG'],
      ['-x.jpg', '-x.jpg'],
      ['b.jpg', 'b.jpg'],
      ['gone.jpg', 'gone.jpg'],
    ],
  );
  assert.deepEqual(remarks, [`${folder}/again/: a link to a folder that is read already.`]);
  assert.deepEqual((await findPhotos([path.join(folder, 'empty')])).remarks, [`${folder}/empty: no image in this folder.`]);
  assert.equal((await findPhotos([path.join(folder, 'gone.jpg'), path.join(folder, 'caf\uFFFD.jpg')])).photos.length, 2);
});

test('all places that are not there are told at once', async (context) => {
  const folder = await album(context);
  const places = ['none', 'none*.jpg', 'b.jpg/c', 'x'.repeat(300)].map((name) => path.join(folder, name));
  await assert.rejects(findPhotos([folder, ...places]), (error: unknown) => {
    assert.ok(error instanceof UsageError);
    assert.deepEqual(
      error.message.split('\n').map((line) => line.split(': no image there')[0]),
      places,
    );
    return true;
  });
});

const FACE: FaceRow = rowOf(ANSWER, '').faces[0];

test('labels stay within the drawing, and none lies over another', () => {
  const faces = [0, 5, 10, 150, 300, 590].map((x) => ({ ...FACE, box: { x, y: x / 2, width: 40, height: 50 } }));
  const svg = marksSvg(faces, 600, 400, 1);
  const labels = [...svg.matchAll(/<rect x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)" fill-opacity/g)].map((match) =>
    match.slice(1).map(Number),
  );
  assert.equal(labels.length, faces.length);
  for (const [index, [x, y, width, height]] of labels.entries()) {
    assert.ok(x >= 0 && y >= 0 && x + width <= 600 + 1e-6 && y + height <= 400 + 1e-6, `${labels[index]}`);
    for (const [left, top, wide, high] of labels.slice(0, index))
      assert.ok(x >= left + wide - 1e-6 || left >= x + width - 1e-6 || y >= top + high - 1e-6 || top >= y + height - 1e-6, `${labels}`);
  }
  assert.match(svg, />34 years \(27 to 43\)</);
  assert.match(svg, />female 91 %</);
});

test('a copy shows the box where the face is, in the format of its name; the photo stays as it is', async (context) => {
  const folder = temporaryFolder(context);
  const source = path.join(folder, 'large.png');
  await sharp({ create: { width: 3000, height: 4000, channels: 3, background: '#808080' } })
    .png()
    .toFile(source);
  const before = readFileSync(source);
  const box = { x: 600, y: 800, width: 1200, height: 1600 };
  for (const [name, format] of Object.entries({
    'a.jpg': 'jpeg',
    'b/c.PNG': 'png',
    'd.webp': 'webp',
    'e.tif': 'tiff',
    'f.jfif': 'jpeg',
    'g.avif': 'heif',
  })) {
    const target = path.join(folder, 'out', name);
    await writeMarkedCopy(source, { file: '', framing: 'detected', faces: [{ ...FACE, box }] }, target);
    const { width, height, format: found } = await sharp(target).metadata();
    assert.deepEqual([width, height, found], [1500, 2000, format]);
    const { data } = await sharp(target)
      .extract({ left: 260, top: 600, width: 80, height: 1 })
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.ok(data[40] > 220, 'the box is white at 600 of 3000 px');
    assert.ok(Math.min(...data) < 60, 'between black lines');
    assert.ok(Math.abs(data[0] - 128) < 4 && Math.abs(data[79] - 128) < 4, 'and the photo is seen beside it');
  }
  assert.deepEqual(readFileSync(source), before);
  assert.ok(!existsSync(path.join(folder, 'out', 'c.PNG')));
  const [face, small] = [path.join(folder, 'face.jpg'), path.join(folder, 'out', 'small.jpg')];
  writeFileSync(face, await sampleFace(112));
  await writeMarkedCopy(face, { file: '', framing: 'whole', faces: [] }, small);
  const { width = 0, height = 0 } = await sharp(small).metadata();
  assert.ok(Math.max(width, height) > 200, 'small photos are enlarged, so that texts can be read');
});
