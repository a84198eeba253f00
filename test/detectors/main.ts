/** `npm run detectors`: finds faces by several packages and by this project, and prints the table of the README. */
import path from 'node:path';
import sharp from 'sharp';
import { openEngine } from '../../lib/base/engine';
import { shuffled, streamFor } from '../../lib/base/random';
import { percent } from '../../lib/base/text';
import { openSource } from '../../lib/data/source';
import { IMAGE_NAME, listFiles } from '../../lib/images/find';
import { type Command, runCommand } from '../../lib/tools/cli/command';
import { readBinnedPhotos } from '../binned-photos';
import { GROUP_PHOTOS } from '../photos';
import type { Detector } from './detector';
import { openFaceApi } from './face-api';
import { openHuman } from './human';
import { centralFace, inGroups, type Picture, type Spread, spreadOf, timed } from './measures';
import { openMtcnn } from './mtcnn';
import { openOurs } from './ours';

const CROPS = 500;
const ROUNDS = 5;
const NOT_MEASURED = '';

/** What the options name: each may be absent, and its column is then empty. */
interface Pictures {
  readonly crops: readonly Picture[];
  readonly photos: readonly Picture[];
  readonly withoutPeople: readonly Picture[];
}

interface Row {
  readonly detector: Detector;
  readonly groups: { readonly found: number; readonly invented: number };
  readonly photosFound: number;
  readonly cropsFound: number;
  readonly spread?: Spread;
  readonly invented: number;
}

const command: Command = {
  summary:
    "Finds faces by packages' detectors and by this project's, in the group photos of @vladmandic/face-api and what the options name.",
  options: {
    data: { type: 'string', value: 'path', help: `UTKFace, of which ${CROPS} pictures are drawn` },
    photos: {
      type: 'string',
      value: 'folder',
      help: 'photos with the labelled face in the middle; a labels.csv with file, age_lo, age_hi, gender',
    },
    'without-people': {
      type: 'string',
      value: 'folder',
      help: 'pictures without people; those of the README come from the wheels that it names',
    },
    mtcnn: { type: 'string', value: 'python', help: 'an interpreter with mtcnn 1.0.0 and TensorFlow' },
  },
  needs: 'engine',
  async run(args) {
    await openEngine();
    const [data, photos, others, python] = ['data', 'photos', 'without-people', 'mtcnn'].map((option) => args.path(option));
    const pictures: Pictures = {
      crops: await measured(data === undefined ? [] : await drawCrops(data)),
      photos: await measured(photos === undefined ? [] : readBinnedPhotos(photos).map(({ file }) => file)),
      withoutPeople: await measured(others === undefined ? [] : imagesIn(others)),
    };
    const detectors = [
      await openFaceApi(1),
      await openFaceApi(2),
      ...(python ? [openMtcnn(python)] : []),
      await openHuman(),
      await openOurs(),
    ];
    const rows: Row[] = [];
    for (const detector of detectors) {
      rows.push(await rowOf(detector, pictures));
      process.stderr.write(`${detector.title}: done\n`);
    }
    const times = await timed(detectors, ROUNDS);
    process.stdout.write(tableOf(rows, times, pictures));
    for (const detector of detectors) detector.dispose();
  },
};

async function drawCrops(data: string): Promise<readonly string[]> {
  const { folder } = await openSource(data);
  return shuffled(imagesIn(folder), streamFor(1, 'crops')).slice(0, CROPS);
}

function imagesIn(folder: string): readonly string[] {
  return listFiles(folder)
    .filter(({ file, problem }) => problem === undefined && IMAGE_NAME.test(file))
    .map(({ file }) => path.join(folder, file));
}

function measured(files: readonly string[]): Promise<readonly Picture[]> {
  return Promise.all(
    files.map(async (file) => {
      const { width, height } = (await sharp(file).metadata()).autoOrient;
      return { file, widthPx: width, heightPx: height };
    }),
  );
}

async function rowOf(detector: Detector, { crops, photos, withoutPeople }: Pictures): Promise<Row> {
  const groups = await inGroups(detector);
  let [photosFound, invented] = [0, 0];
  for (const photo of photos) photosFound += Number((await centralFace(detector, photo)) !== undefined);
  for (const { file } of withoutPeople) invented += (await detector.detect(file)).length;
  const landmarks = [];
  for (const crop of crops) {
    const face = await centralFace(detector, crop);
    if (face) landmarks.push(face.landmarks.map(([x, y]) => [x / crop.widthPx, y / crop.heightPx] as const));
  }
  const spread = landmarks.length > 0 ? spreadOf(landmarks) : undefined;
  return { detector, groups, photosFound, cropsFound: landmarks.length, spread, invented };
}

function tableOf(rows: readonly Row[], times: readonly number[], { crops, photos, withoutPeople }: Pictures): string {
  const faces = GROUP_PHOTOS.reduce((sum, photo) => sum + photo.faces.length, 0);
  const header = [
    '',
    `group photos: of ${faces} faces, invented`,
    `${photos.length} photos: central face`,
    `${crops.length} crops of UTKFace`,
    `${withoutPeople.length} pictures without people: invented`,
    'spread on crops: shift, scale, turn',
    'ms a photo of 1,920 px',
    'package',
  ];
  const cells = rows.map(({ detector, groups, photosFound, cropsFound, spread, invented }, index) => [
    detector.title,
    `${groups.found}, ${groups.invented}`,
    photos.length ? percent(photosFound / photos.length) : NOT_MEASURED,
    crops.length ? percent(cropsFound / crops.length) : NOT_MEASURED,
    withoutPeople.length ? `${invented}` : NOT_MEASURED,
    spread ? `${percent(spread.shift)}, ${percent(spread.scale)}, ${spread.turnDegrees.toFixed(1)}°` : NOT_MEASURED,
    times[index].toFixed(0),
    detector.package,
  ]);
  return [header, header.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

void runCommand('detectors', process.argv.slice(2), async () => command);
