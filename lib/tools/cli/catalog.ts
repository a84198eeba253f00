/** `npm run catalog`: what a data set holds, before anything is learned from it. */

import { InputError } from '../../base/errors';
import { terminalProgress } from '../../base/progress';
import { grouped } from '../../base/text';
import { buildCatalog } from '../../data/catalog';
import type { CatalogCounts } from '../../data/record';
import { openSource } from '../../data/source';
import type { Command } from './command';
import { fetchNamed } from './download';

const ROWS: readonly (readonly [keyof CatalogCounts, string])[] = [
  ['files', 'files'],
  ['usable', 'usable faces'],
  ['ageUnknown', 'of them of unknown age: for gender only, and never to learn from'],
  ['quarantined', 'quarantined files'],
  ['exactDuplicateGroups', 'groups of identical files'],
  ['surplusFiles', 'surplus copies in them'],
  ['ageConflictGroups', 'groups that disagree on age'],
  ['genderConflictGroups', 'groups that disagree on gender'],
  ['nearDuplicatePairs', 'near-duplicate pairs'],
];

export const command: Command = {
  summary: 'Counts usable faces, quarantined files, duplicates and disagreeing labels.',
  needs: 'nothing',
  options: {
    data: { type: 'string', value: 'path', help: 'folder, .tar.gz, .zip, or "download"; data/UTKFace or drawn faces when absent' },
    limit: { type: 'string', value: 'number', help: 'look at this many files only, drawn at random by the seed' },
    seed: { type: 'string', value: 'number', help: 'of the limit (default 1)' },
    'accept-terms': { type: 'boolean', help: 'accept the terms of UTKFace (for --data download)' },
    json: { type: 'boolean', help: 'print the counts and every refused file as one JSON object' },
  },
  async run(args) {
    const seed = wholeNumber('seed', args.text('seed'), 0) ?? 1;
    const limit = wholeNumber('limit', args.text('limit'), 1);
    const onProgress = terminalProgress();
    const data = args.path('data');
    await fetchNamed({ data }, args);
    const source = await openSource(data, { onProgress });
    const { counts, quarantined } = await buildCatalog(source, { seed, limit, onProgress });
    if (args.flag('json')) {
      process.stdout.write(`${JSON.stringify({ ...counts, refused: quarantined })}\n`);
      return;
    }
    const lines = ROWS.flatMap(([key, title]) => (counts[key] === undefined ? [] : [`${grouped(counts[key]).padStart(9)}  ${title}`]));
    const reasons = quarantined.map(({ file, reason, files }) => `  ${file}${files ? ` (${grouped(files)} files)` : ''}: ${reason}`);
    const list = reasons.length > 0 ? ['', 'Quarantined:', ...reasons] : [];
    process.stdout.write(`${[`${source.label} (${source.folder})`, ...lines, ...list].join('\n')}\n`);
  },
};

function wholeNumber(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) {
    throw new InputError(`--${option} ${text}: expected a whole number from ${least} on.`);
  }
  return value;
}
