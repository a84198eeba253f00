/** `npm run report`: from a run's executed notebooks to pages that anybody can open, `outputs/<run>/reports/`. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../base/errors';
import { readJson, writeFileAtomically } from '../../base/files';
import { projectPath } from '../../base/project';
import { percent, years } from '../../base/text';
import { type EvaluationRows, groupTableHtml } from '../../course/course-evaluation';
import { recipeTable, runNotes } from '../../course/recipe';
import { mean } from '../../data/bands';
import { recordHtml, recordOf } from '../../evaluation/run-record';
import { type RunHistory, readRunHistory } from '../../figures/run';
import { escapeHtml, noteHtml, plotlyLibraryHtml, tableHtml } from '../../pages/html';
import { footerHtml, indexPageHtml, type PageLink, pageHtml, resultHtml, runText } from '../../pages/page';
import { shownPath } from '../paths';
import { runPython } from '../run-notebook';
import type { Command } from './command';
import { RUN_OPTION, requireRun } from './runs';

export const command: Command = {
  summary: "Exports a run's executed notebooks to self-contained HTML pages with an index.",
  options: {
    run: RUN_OPTION,
    'no-faces': { type: 'boolean', help: 'leave out every photo, for passing on where terms forbid sharing' },
  },
  needs: 'jupyter',
  async run(args) {
    const run = requireRun(args.text('run'));
    process.stdout.write(`${shownPath(await exportReports(run.folder, { faces: !args.flag('no-faces') }))}\n`);
  },
};

/**
 * Exports every executed notebook of the run and an index, and returns the index's path. Without `faces` every photo of a
 * real person is left out. Throws an InputError where nothing was executed yet, or where a notebook cannot be exported.
 */
export async function exportReports(runFolder: string, { faces }: { readonly faces: boolean }): Promise<string> {
  const executed = path.join(runFolder, 'notebooks');
  const names = existsSync(executed) ? readdirSync(executed).filter((name) => /^[^.].*\.ipynb$/.test(name)) : [];
  if (names.length === 0) {
    throw new InputError(`${shownPath(executed)}: no executed notebook. Expected those that npm run walkthrough makes; run it first.`);
  }
  const reports = path.join(runFolder, 'reports');
  mkdirSync(reports, { recursive: true });
  const run = path.basename(runFolder);
  const known = readRunHistory(runFolder);
  const { provenance, split } = known;
  const record = recordOf(runFolder);
  const identity = { trainedWeights: record.weightsSha256 ?? 'not yet', toMakeItAgain: 'npm run reproduce -- index.html' };
  const footer = footerHtml({ run, ...provenance, ...identity, configuration: record.config }) + recordHtml(record);
  const notes = runNotes(provenance.data?.kind === 'drawn', provenance.weights?.kind, split?.validation ?? []);
  const evaluation = path.join(runFolder, 'evaluation.json');
  const groups = existsSync(evaluation) ? groupTableHtml(readJson<EvaluationRows>(evaluation)) : '';
  const links = names.sort().map((name) => pageLink(path.join(executed, name)));
  const pages = names.map((name, index) => ({
    notebook: path.join(executed, name),
    source: projectPath('notebooks', name),
    page: path.join(reports, links[index].href),
    title: links[index].title,
    navigation: navigationHtml(links[index - 1], links[index + 1]),
  }));
  const card = {
    page: path.join(reports, 'model-card.html'),
    shell: pageHtml(`Model card: ${run}`, '<!--card-->', footer),
    facts: cardFacts(run, known, notes, groups),
  };
  // once for all pages: nbconvert starts in about two seconds
  const failure = await runPython('export.py', [], { input: JSON.stringify({ library: plotlyLibraryHtml(), footer, faces, pages, card }) });
  if (failure) throw new InputError(`The reports could not be exported: ${failure}. Run the walkthrough again, then npm run report.`);
  const index = path.join(reports, 'index.html');
  await writeFileAtomically(index, indexPageHtml({ run, known, notes, pages: links, faces, footer }));
  return index;
}

/** What notebooks/kernel/template/model-card.html.j2 is told of a run. `groupsHtml` says how well the model does in groups of faces. */
function cardFacts(run: string, known: RunHistory, notes: readonly string[], groupsHtml: string) {
  const { config, provenance, history, split } = known;
  const sides = (['training', 'validation'] as const).map((side) => {
    const faces = split?.[side] ?? [];
    const [ageYears, female] = [mean(faces.map((face) => face.ageYears)), mean(faces.map(({ gender }) => gender))];
    return [side, faces.length, years(ageYears), percent(female)];
  });
  return {
    run: runText(run, known),
    config,
    provenance,
    notes: notes.map(noteHtml).join(''),
    result: resultHtml(known),
    groups: groupsHtml,
    sides: split && tableHtml(['Side', 'Faces', 'Mean age', 'Annotated female'], sides),
    recipes: split ? ([1, 2] as const).map((session) => recipeTable({ config, split, teachers: provenance.teachers }, session)) : [],
    history: history.length,
    epochs: config.sessions.reduce((sum, { epochs }) => sum + epochs, 0),
  };
}

/** Title and question as the notebook itself has them: its first heading, and the first line of text below. */
function pageLink(notebook: string): PageLink {
  const { cells } = readJson<{ cells: { cell_type: string; source: string | string[] }[] }>(notebook);
  const first = cells.find((cell) => cell.cell_type === 'markdown')?.source ?? '';
  const text = [first].flat().join('');
  const lines = text.split('\n').map((line) => line.trim());
  const name = path.basename(notebook, '.ipynb');
  const heading = lines.findIndex((line) => line.startsWith('# '));
  const below = lines.slice(heading + 1).find((line) => line !== '') ?? '';
  const withoutLinks = below.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  const question = withoutLinks.replace(/[*_`>]/g, '').trim();
  return { href: `${name}.html`, title: heading < 0 ? name : lines[heading].slice(2), question };
}

function navigationHtml(previous: PageLink | undefined, next: PageLink | undefined): string {
  const link = (page: PageLink | undefined, relation: string, text: (title: string) => string) =>
    page ? `<a rel="${relation}" href="${escapeHtml(page.href)}">${text(escapeHtml(page.title))}</a>` : '<span></span>';
  return [
    link(previous, 'prev', (title) => `← ${title}`),
    '<span><a href="index.html">All pages of this run</a> · <a href="model-card.html">Model card</a></span>',
    link(next, 'next', (title) => `${title} →`),
  ].join('');
}
