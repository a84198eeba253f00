/** `npm run report`: from a run's executed notebooks to pages that anybody can open, `outputs/<run>/reports/`. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../base/errors';
import { readJson } from '../../base/files';
import { projectPath } from '../../base/project';
import { type EvaluationRows, groupTableHtml } from '../../course/course-evaluation';
import { recipeTable, runNotes } from '../../course/recipe';
import { mean } from '../../data/bands';
import { modelOfRun, writeDemoPage } from '../../demo/build';
import { recordHtml, recordOf } from '../../evaluation/run-record';
import { marked } from '../../figures/figure';
import { metricFigure } from '../../figures/history';
import { type RunHistory, readRunHistory } from '../../figures/run';
import { noteHtml, plotlyLibraryHtml } from '../../pages/html';
import { lineChartHtml } from '../../pages/line-chart';
import { footerHtml, pageHtml } from '../../pages/page';
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
 * Exports every executed notebook of the run, an index and the page on which its model looks at photos, and returns the index's
 * path. Without `faces` every photo of a real person is left out. Throws an InputError where nothing was executed yet, or where a notebook cannot be exported.
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
  const record = recordOf(runFolder);
  const identity = { trainedWeights: record.weightsSha256 ?? 'not yet', toMakeItAgain: 'npm run reproduce -- index.html' };
  const footer = footerHtml({ run, ...known.provenance, ...identity, configuration: record.config }) + recordHtml(record);
  const evaluation = path.join(runFolder, 'evaluation.json');
  const groups = existsSync(evaluation) ? groupTableHtml(readJson<EvaluationRows>(evaluation)) : '';
  const links = names.sort().map((name) => pageLink(path.join(executed, name)));
  const pages = names.map((name, index) => ({
    notebook: path.join(executed, name),
    source: projectPath('notebooks', name),
    page: path.join(reports, links[index].href),
    title: links[index].title,
    previous: links[index - 1],
    next: links[index + 1],
  }));
  const shell = (title: string) => pageHtml(title, '<!--body-->', footer);
  const index = path.join(reports, 'index.html');
  const written = [
    { page: index, template: 'front.html.j2', shell: shell(`Age and perceived gender from a face: ${run}`) },
    { page: path.join(reports, 'model-card.html'), template: 'model-card.html.j2', shell: shell(`Model card: ${run}`) },
  ];
  const model = modelOfRun(runFolder);
  const facts = { run, faces, links, demo: model && 'demo.html', ...factsOf(known, groups) };
  const job = { library: plotlyLibraryHtml(), footer, faces, pages, written, facts };
  // once for all pages: nbconvert starts in about two seconds, in which the model's page is made
  const exported = runPython('export.py', [], { input: JSON.stringify(job) });
  const [failure] = await Promise.all([exported, model && writeDemoPage(model, path.join(reports, 'demo.html'))]);
  if (failure) throw new InputError(`The reports could not be exported: ${failure}. Run the walkthrough again, then npm run report.`);
  return index;
}

/** What the templates of the front page and the model card are told. `groupsHtml` says how well the model does in groups of faces. */
function factsOf({ config, provenance, history, split, baselines }: RunHistory, groupsHtml: string) {
  const drawn = provenance.data?.kind === 'drawn';
  const curve = (metric: 'ageMaeYears' | 'genderAccuracy') => metricFigure(history, metric, 'joined', baselines, config.ageScale);
  const curves = history.length > 0 ? [curve('ageMaeYears'), curve('genderAccuracy')] : [];
  const sides = (['training', 'validation'] as const).map((name) => {
    const faces = split?.[name] ?? [];
    const [meanAgeYears, femaleShare] = [mean(faces.map(({ ageYears }) => ageYears)), mean(faces.map(({ gender }) => gender))];
    return { name, count: faces.length, meanAgeYears, femaleShare };
  });
  const notes = runNotes(drawn, provenance.weights?.kind, split?.validation ?? []).map(noteHtml);
  const curvesHtml = curves.map((figure) => lineChartHtml(drawn ? marked(figure, 'drawn faces') : figure));
  const recipes = split && ([1, 2] as const).map((session) => recipeTable({ config, split }, session));
  return { config, provenance, history, baselines, drawn, groupsHtml, curvesHtml, notes, recipes, sides: split && sides };
}

interface PageLink {
  /** File name beside the index. */
  readonly href: string;
  readonly title: string;
  /** The one line below the title. */
  readonly question: string;
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
