/** `npm run catalog`: what a data set holds, before anything is learned from it. */
import { terminalProgress } from '../../base/progress';
import { grouped } from '../../base/text';
import { buildCatalog } from '../../data/catalog';
import { MOST_PAIRS } from '../../data/near-duplicates';
import type { CatalogCounts } from '../../data/record';
import { openSource } from '../../data/source';
import { resolveConfig } from '../../presets';
import type { Command } from './command';
import { ACCEPT_TERMS, readSettings, SETTING_OPTIONS } from './settings';

const ROWS: readonly (readonly [keyof CatalogCounts, string])[] = [
  ['files', 'files'],
  ['usable', 'usable faces'],
  ['ageUnknown', 'of them of unknown age: for gender only, and never to learn from'],
  ['quarantined', 'quarantined files'],
  ['exactDuplicateGroups', 'groups of identical files'],
  ['surplusFiles', 'surplus copies in them'],
  ['ageConflictGroups', 'groups that disagree on age'],
  ['genderConflictGroups', 'groups that disagree on gender'],
  ['nearDuplicatePairs', `near-duplicate pairs (counted up to ${grouped(MOST_PAIRS)})`],
];

const { data, limit, seed } = SETTING_OPTIONS;

export const command: Command = {
  summary: 'Counts usable faces, quarantined files, duplicates and disagreeing labels.',
  needs: 'nothing',
  options: {
    data,
    limit,
    seed,
    'accept-terms': ACCEPT_TERMS,
    json: { type: 'boolean', help: 'print the counts and every refused file as one JSON object' },
  },
  async run(args) {
    const settings = resolveConfig(await readSettings(args));
    const onProgress = terminalProgress();
    const source = await openSource(settings.data ?? undefined, { onProgress });
    const { counts, quarantined } = await buildCatalog(source, { seed: settings.seed, limit: settings.limit ?? undefined, onProgress });
    if (args.flag('json')) return void process.stdout.write(`${JSON.stringify({ ...counts, refused: quarantined })}\n`);
    const lines = ROWS.flatMap(([key, title]) => (counts[key] === undefined ? [] : [`${grouped(counts[key]).padStart(9)}  ${title}`]));
    const reasons = quarantined.map(({ file, reason, files }) => `  ${file}${files ? ` (${grouped(files)} files)` : ''}: ${reason}`);
    const list = reasons.length > 0 ? ['', 'Quarantined:', ...reasons] : [];
    process.stdout.write(`${[`${source.label} (${source.folder})`, ...lines, ...list].join('\n')}\n`);
  },
};
