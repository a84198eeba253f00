/** Whole photos: a face is found wherever it lies, and answered as the crop that it was; and photos of people elsewhere, where they are given. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { projectPath } from '../../lib/base/project';
import { shuffled, streamFor } from '../../lib/base/random';
import { percent } from '../../lib/base/text';
import { mean } from '../../lib/data/bands';
import { buildCatalog } from '../../lib/data/catalog';
import { genderOf } from '../../lib/data/record';
import { openSource } from '../../lib/data/source';
import type { Square } from '../../lib/images/photo';
import { openPredictor } from '../../lib/predict/open-predictor';
import type { FacePrediction, Predictor } from '../../lib/predict/predictor';
import { readBinnedPhotos } from '../binned-photos';
import { temporaryFolder } from '../files';
import { drawScene } from '../scenes';
import { validationSide } from '../validation-side';

const MODEL = projectPath('data', 'model');
const SCENES = 500;
const photos = process.env.COURSE_FULL_PHOTOS;

let predictor: Predictor;

before(async () => {
  predictor = await openPredictor(MODEL);
});
after(() => predictor.dispose());

/** How far the middle of a face's frame is from a point, in parts of a side. */
function apart({ frame }: FacePrediction, { x, y, sidePx }: Omit<Square, 'turn'>): number {
  return Math.hypot(frame.x - x, frame.y - y) / sidePx;
}

test(`${SCENES} faces that the model has not learned from are found in larger photos, and answered as before`, async (context) => {
  const folder = temporaryFolder(context);
  const catalog = await buildCatalog(await openSource(process.env.COURSE_FULL_DATA));
  const validation = validationSide(MODEL, catalog);
  assert.ok(validation.length >= SCENES, 'photos.test.ts needs the data set that the bundled model was made from');
  const random = streamFor(1, 'scenes');
  const errors: { readonly scene: number; readonly crop: number }[] = [];
  let others = 0;
  for (const { file, ageYears } of shuffled(validation, random).slice(0, SCENES)) {
    const crop = path.join(catalog.source.folder, file);
    const { jpeg, frame } = await drawScene(crop, random);
    const photo = path.join(folder, 'scene.jpg');
    writeFileSync(photo, jpeg);
    const { faces } = await predictor.predictImage(photo);
    const found = faces.find((face) => apart(face, frame) < 0.2 && Math.abs(face.frame.sidePx / frame.sidePx - 1) < 0.3);
    others += faces.length - Number(found !== undefined);
    if (!found) continue;
    const aligned = await predictor.predictImage(crop, { framing: 'aligned', flipAverage: true });
    const errorOf = (face: FacePrediction) => Math.abs(face.ageYears - ageYears);
    errors.push({ scene: errorOf(found), crop: errorOf(aligned.faces[0]) });
  }
  const [scene, crop] = [mean(errors.map((error) => error.scene)), mean(errors.map((error) => error.crop))];
  context.diagnostic(
    `${errors.length} of ${SCENES} found, ${others} others; MAE ${scene.toFixed(2)} years, of their crops ${crop.toFixed(2)}`,
  );
  assert.ok(errors.length >= 0.95 * SCENES, `${errors.length} of ${SCENES} found`);
  assert.ok(scene < crop + 0.3, `MAE ${scene} years, of the crops ${crop}`);
});

test('the faces of other photos are found, and told apart', { skip: photos === undefined && 'no --photos' }, async (context) => {
  const labelled = readBinnedPhotos(photos ?? '');
  let [found, gendersRight, agesRight] = [0, 0, 0];
  for (const { file, ageYears, gender } of labelled) {
    const { width, height } = await sharp(file).metadata();
    const middle = { x: width / 2, y: height / 2, sidePx: Math.min(width, height) };
    const { faces } = await predictor.predictImage(file);
    const [central] = [...faces].sort((a, b) => apart(a, middle) - apart(b, middle));
    if (!central || apart(central, middle) > 0.2) continue;
    const age = Math.round(central.ageYears);
    found++;
    gendersRight += Number(genderOf(central.femaleProbability) === gender);
    agesRight += Number(age >= ageYears[0] && age <= ageYears[1]);
  }
  const shares = [found, gendersRight, agesRight].map((count) => count / labelled.length);
  const [foundText, genderText, ageText] = shares.map((share) => percent(share, 1));
  context.diagnostic(`${labelled.length} photos: ${foundText} found, gender right in ${genderText} of all, age in its bin in ${ageText}`);
  assert.ok(shares[0] >= 0.97, `${foundText} found`);
  assert.ok(shares[1] >= 0.77, `gender right in ${genderText}`);
  assert.ok(shares[2] >= 0.46, `age right in ${ageText}`);
});
