/** `npm run align`: photos of people become a data set of faces that lie as UTKFace's do. */
import { existsSync } from 'node:fs';
import { UsageError } from '../../base/errors';
import { terminalProgress } from '../../base/progress';
import { grouped } from '../../base/text';
import { readLabels } from '../../data/labels';
import { listFiles } from '../../images/find';
import { framePhotos } from '../frame-photos';
import { callerPath, shownPath } from '../paths';
import type { Command } from './command';
import { findPhotos } from './find-photos';
import { visible } from './prediction-lines';

export const command: Command = {
  summary:
    "Makes a data set of whole photos: of each the central face, framed as UTKFace's, with the labels of labels.csv or of the names.",
  positionals: '<folder>',
  options: { out: { type: 'string', value: 'folder', help: 'where the data set is made: a new folder, for --data of other commands' } },
  needs: 'nothing',
  async run(args) {
    const [place, ...more] = args.positionals;
    const out = args.path('out');
    if (place === undefined || more.length > 0 || out === undefined)
      throw new UsageError('npm run align --: expected <folder> --out <folder>.');
    if (existsSync(out)) throw new UsageError(`--out ${out}: is there already. Expected a new folder.`);
    const { photos, remarks } = await findPhotos([place]);
    const folder = callerPath(place);
    const known = readLabels(folder, listFiles(folder));
    const labelled = photos.map((photo) => {
      const labels = known.of(photo.below);
      return 'reason' in labels ? photo : { ...photo, labels };
    });
    const left = await framePhotos(labelled, out, terminalProgress());
    const reasons = [...remarks, ...left.map(({ file, reason }) => `${file}: ${reason}`)];
    process.stdout.write(reasons.map((reason) => `${visible(reason)}\n`).join(''));
    const unlabelled = labelled.filter((photo) => !('labels' in photo)).length;
    const without = unlabelled > 0 ? `, ${grouped(unlabelled)} of the photos without labels` : '';
    process.stdout.write(
      `${grouped(photos.length - left.length)} of ${grouped(photos.length)} photos framed${without}: ${shownPath(out)}\n`,
    );
    if (left.length === photos.length) process.exitCode = 1;
  },
};
