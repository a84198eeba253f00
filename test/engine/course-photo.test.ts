/** The photo that comes with the course, read by the model that does: as notebook 6 shows it, and as a program of one's own does. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Plot } from 'nodeplotlib';
import sharp from 'sharp';
import { projectPath, projectRoot } from '../../lib/base/project';
import { openCoursePhoto } from '../../lib/course/course-photo';
import { frameFace } from '../../lib/faces/crop';
import type { Figure } from '../../lib/figures/figure';
import { openPhoto } from '../../lib/images/decode';
import { describePrediction } from '../../lib/predict/answer';
import { openPredictor } from '../../lib/predict/open-predictor';
import type { Predictor } from '../../lib/predict/predictor';
import { ensureSetup } from '../../lib/tools/setup';
import { samplePhotoFile, temporaryFolder } from '../files';

let predictor: Predictor;
before(async () => {
  await ensureSetup('engine');
  predictor = await openPredictor();
});
after(() => predictor.dispose());

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

test('the portrait has one face, shown with its frame, beside the mean face, under its answer', async () => {
  const photo = await openCoursePhoto(predictor, samplePhotoFile());
  const { faces, framing } = photo.prediction;
  assert.deepEqual([framing, faces.length], ['detected', 1]);
  const { frame, ageYears, ageIntervalYears = [0, 0] } = faces[0];
  assert.ok(Math.hypot(frame.x - 225, frame.y - 124) < 4 && Math.abs(frame.sidePx - 107) < 6, JSON.stringify(frame));
  assert.ok(ageIntervalYears[0] <= 38 && ageIntervalYears[1] >= 38 && ageYears > 18, describePrediction(faces[0]));
  const marked = await photo.withFaces();
  assert.equal(count(marked, /<figure class="photo" data-photo/g), 1);
  assert.ok(marked.includes(`1: ${describePrediction(faces[0])}</figcaption>`) && /<svg .*>1<\/text>/.test(marked));
  const cards = await photo.cards();
  assert.equal(count(cards, /data-photo/g), 2, 'the crop and the mean face, which is made of photos');
});

test('the age follows the frame: the same at the frame as it was found, far from it elsewhere', async () => {
  const photo = await openCoursePhoto(predictor, samplePhotoFile());
  const { data } = (await photo.frameSensitivity()) as Figure;
  const curves = data.filter(({ name }) => name === 'one look at the changed frame');
  assert.equal(curves.length, 4);
  const agesOf = ({ y = [] }: Plot) => Array.from(y as Iterable<number>);
  const ages = curves.map((curve) => agesOf(curve)[Array.from(curve.x as Iterable<number>).indexOf(0)]);
  const face = await frameFace(await openPhoto(samplePhotoFile()), photo.prediction.faces[0].frame, predictor.facts.sizePx);
  const [{ ageYears }] = await predictor.predictPixels(face);
  for (const age of ages) assert.ok(Math.abs(age - ageYears) < 0.11, `${ages.join(', ')}: one look says ${ageYears} each time`);
  const all = curves.flatMap(agesOf);
  assert.ok(Math.max(...all) - Math.min(...all) > 5);
  assert.equal(count(await photo.asAWhole(), /data-photo/g), 3, 'the wall goes with the photos that it stands beside');
  assert.equal(count(await photo.changedFrames(), /data-photo/g), 9);
});

test('where there is no face, nothing speaks of an age', async (context) => {
  const file = path.join(temporaryFolder(context), 'wall.png');
  writeFileSync(
    file,
    await sharp({ create: { width: 300, height: 200, channels: 3, background: '#b98' } })
      .png()
      .toBuffer(),
  );
  const photo = await openCoursePhoto(predictor, file);
  assert.deepEqual(photo.prediction.faces, []);
  for (const said of [
    await photo.withFaces(),
    await photo.cards(),
    await photo.changedFrames(),
    await photo.cameras(),
    await photo.harder(),
  ]) {
    assert.match(said, /no face found, so no age/);
    assert.doesNotMatch(said, /years/);
  }
});

test('a program of three lines says the same', async () => {
  const file = samplePhotoFile();
  const words = ['--import', 'tsx', 'test/example/predict-photos.ts', file, projectPath('README.md')];
  const { stdout, status } = spawnSync(process.execPath, words, { cwd: projectRoot(), encoding: 'utf8' });
  const [face] = (await predictor.predictImage(file)).faces;
  assert.equal(status, 0);
  const [first, second] = stdout.trimEnd().split('\n').slice(-2);
  assert.equal(first, `${file}: ${describePrediction(face)}`);
  assert.match(second, /README\.md: not an image that can be read/);
});
