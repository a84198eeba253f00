/** On UTKFace: whether the bundled model's age intervals hold the true age as often as they say, of all faces and at every age. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { byDecade, mean } from '../../lib/data/bands';
import { buildCatalog } from '../../lib/data/catalog';
import { type Catalog, type FaceRecord, shortHash } from '../../lib/data/record';
import { openSource } from '../../lib/data/source';
import { openPixelCache } from '../../lib/images/pixel-cache';
import { halvesOf } from '../../lib/model/calibration';
import { openForward } from '../../lib/model/forward';
import { calibrate, intervalYears, quantilesOf, type Years } from '../../lib/model/interval';
import { loadFacts, loadModel, readSplitHashes } from '../../lib/model/model-folder';
import { validationSide } from '../validation-side';

const MODEL = projectPath('data', 'model');
const SEEDS = Array.from({ length: 20 }, (_, seed) => seed);
const data = process.env.COURSE_FULL_DATA ?? '';

/** What the model says of a face of its validation side. */
interface Said {
  readonly ageYears: number;
  readonly quantiles: Years;
}

let catalog: Catalog;
let validation: readonly FaceRecord[] = [];
let isUtkface = false;
const said = new Map<FaceRecord, Said>();

before(async () => {
  assert.ok(data, 'COURSE_FULL_DATA: npm run test:full sets it');
  catalog = await buildCatalog(await openSource(data));
  isUtkface = catalog.counts.files === 21_708;
  if (!isUtkface) return; // other collections than the one that the bundled model was trained with
  validation = validationSide(MODEL, catalog);
  const { facts, model } = await loadModel(MODEL);
  const forward = await openForward(model);
  const pixels = await openPixelCache(catalog.source.folder, validation, facts.sizePx);
  for (let first = 0; first < validation.length; first += 32) {
    const batch = validation.slice(first, first + 32);
    const [ages, , distributions] = await forward.run(pixels.read(batch));
    const quantiles = quantilesOf(ages, distributions);
    for (const [index, record] of batch.entries()) said.set(record, { ageYears: ages[index], quantiles: quantiles[index] });
  }
  pixels.close();
  forward.dispose();
  model.dispose();
});

const saidOf = (record: FaceRecord): Said => said.get(record) ?? assert.fail(record.file);

function intervalsOf(calibrating: readonly FaceRecord[]) {
  const quantiles = calibrating.map((record) => saidOf(record).quantiles);
  const predicted = calibrating.map((record) => saidOf(record).ageYears);
  return calibrate(calibrating, quantiles, predicted) ?? assert.fail('too few faces');
}

/** Of faces judged: the share whose interval holds their age, and the mean width, in all and in each decade. */
function judge(seed: number) {
  const { calibrating, judging } = halvesOf(validation, catalog, seed);
  const intervals = intervalsOf(calibrating);
  const judged = judging.map((record) => {
    const { quantiles, ageYears } = saidOf(record);
    const [low, high] = intervalYears(intervals, quantiles, ageYears);
    return { ageYears: record.ageYears, held: Number(low <= record.ageYears && record.ageYears <= high), width: high - low };
  });
  return [{ label: 'all', items: judged }, ...byDecade(judged, ({ ageYears }) => ageYears)].map(({ label, items }) => ({
    ages: label,
    faces: items.length,
    coverage: mean(items.map(({ held }) => held)),
    widthYears: mean(items.map(({ width }) => width)),
  }));
}

test('calibrated on 20 halves of the validation side, intervals hold 80 % of the ages of the other half, and three quarters in every decade', (context) => {
  if (!isUtkface) return;
  const runs = SEEDS.map(judge);
  const average = (row: number, key: 'faces' | 'coverage' | 'widthYears') => mean(runs.map((rows) => rows[row][key]));
  const rows = runs[0].map(({ ages }, row) => {
    return { ages, faces: average(row, 'faces'), coverage: average(row, 'coverage'), widthYears: average(row, 'widthYears') };
  });
  for (const { ages, faces, coverage, widthYears } of rows) {
    context.diagnostic(`${ages}: ${(100 * coverage).toFixed(1)} % of ${faces.toFixed(0)} faces, ${widthYears.toFixed(1)} years wide`);
  }
  const [all, ...decades] = rows;
  assert.ok(all.coverage >= 0.79 && all.coverage <= 0.81, `${all.coverage}`);
  assert.ok(all.widthYears < 14.5, `${all.widthYears} years: answers so wide say little`);
  const large = decades.filter(({ faces }) => faces >= 100);
  assert.deepEqual(
    large.map(({ ages }) => ages),
    ['0–9', '10–19', '20–29', '30–39', '40–49', '50–59', '60–69'],
  );
  for (const { ages, coverage } of large) assert.ok(coverage >= 0.75, `${ages}: ${coverage}`);
});

test('halves share no near copy, and ages and genders are mixed alike', () => {
  const { calibrating, judging } = halvesOf(validation, catalog, 1);
  assert.equal(calibrating.length + judging.length, validation.length);
  const side = new Map([...calibrating.map(({ sha256 }) => [sha256, 0] as const), ...judging.map(({ sha256 }) => [sha256, 1] as const)]);
  for (const cluster of catalog.clusters) {
    assert.ok(new Set(cluster.map((hash) => side.get(hash)).filter((half) => half !== undefined)).size <= 1, cluster.join());
  }
  const women = [calibrating, judging].map((half) => half.filter(({ gender }) => gender === 1).length);
  assert.ok(Math.abs(women[0] - women[1]) < 20, women.join());
});

test('the bundled model carries the calibration that its card tells of, and names the faces that gave it', () => {
  if (!isUtkface) return;
  const { calibrating } = halvesOf(validation, catalog, 1);
  const sorted = (hashes: readonly string[]) => [...hashes].sort();
  assert.deepEqual(sorted(readSplitHashes(MODEL).calibration), sorted(calibrating.map(({ sha256 }) => shortHash(sha256))));
  const { ageIntervals } = loadFacts(MODEL);
  const { bands, predictedBands = [], ...rest } = intervalsOf(calibrating);
  assert.deepEqual(rest, { coverage: ageIntervals?.coverage, calibrationFaces: ageIntervals?.calibrationFaces });
  assert.equal(bands.length, ageIntervals?.bands.length);
  for (const [index, { faces, meanAgeYears, marginYears }] of bands.entries()) {
    const stored = ageIntervals?.bands[index] ?? assert.fail();
    assert.deepEqual([faces, meanAgeYears], [stored.faces, stored.meanAgeYears]);
    assert.ok(Math.abs(marginYears - stored.marginYears) <= 0.02, `${marginYears}, ${stored.marginYears}`); // processors round differently
  }
  assert.equal(predictedBands.length, ageIntervals?.predictedBands?.length);
  for (const [index, { faces, meanAgeYears, marginYears }] of predictedBands.entries()) {
    const stored = ageIntervals?.predictedBands?.[index] ?? assert.fail();
    assert.equal(faces, stored.faces);
    for (const [ours, theirs] of [
      [meanAgeYears, stored.meanAgeYears],
      [marginYears, stored.marginYears],
    ])
      assert.ok(Math.abs(ours - theirs) <= 0.02, `${ours}, ${theirs}`);
  }
});
