/** A run's faces as the notebooks show them. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { projectPath } from '../../lib/base/project';
import { CourseRun } from '../../lib/course/course-run';
import { buildCatalog } from '../../lib/data/catalog';
import { openSource } from '../../lib/data/source';
import { PRESETS } from '../../lib/presets';
import { temporaryFolder } from '../files';

test('a photo that lies on its side in its file stands upright in a grid', async (context) => {
  const [folder, cacheFolder] = [temporaryFolder(context), temporaryFolder(context)];
  const photo = sharp(projectPath('data', 'my image', 'eileen-collins.jpg')).resize(120, 60);
  await photo.withMetadata({ orientation: 6 }).toFile(path.join(folder, '42_1_lying.jpg'));
  const catalog = await buildCatalog(await openSource(folder), { cacheFolder });
  const split = { training: catalog.records, validation: catalog.records };
  const pretrained = { kind: 'imagenet', label: '', folder: '', sha256: '', weights: {} } as const;
  const run = new CourseRun({ name: 'lying', folder, config: PRESETS.classic, catalog, split, pretrained });
  const [, picture = ''] = /base64,([^"]+)/.exec(await run.faceGrid(catalog.records)) ?? [];
  const { width, height } = await sharp(Buffer.from(picture, 'base64')).metadata();
  assert.deepEqual([width, height], [60, 120]);
});
