/**
 * Pages that stand alone: the style and the footer of all, and the front page of a run's reports, which says what the run is,
 * what came out beside the baseline, and where to read on.
 */
import { readFileSync } from 'node:fs';
import { projectPath } from '../base/project';
import { grouped, percent, years } from '../base/text';
import { GENDER_NAMES } from '../data/record';
import { marked } from '../figures/figure';
import { metricFigure } from '../figures/history';
import type { RunHistory } from '../figures/run';
import { escapeHtml, noteHtml, tableHtml } from './html';
import { lineChartHtml } from './line-chart';

export interface IndexPage {
  readonly run: string;
  readonly known: RunHistory;
  /** What must not be overlooked about the run, as `runNotes` has it. */
  readonly notes: readonly string[];
  /** The notebooks' pages in their order. */
  readonly pages: readonly PageLink[];
  readonly faces: boolean;
  /** HTML of the footer. */
  readonly footer: string;
}

export interface PageLink {
  /** File name beside the index. */
  readonly href: string;
  readonly title: string;
  /** The one line below the title. */
  readonly question: string;
}

/** The whole page as HTML, on its own. */
export function indexPageHtml({ run, known, notes, pages, faces, footer }: IndexPage): string {
  const links = pages.map(
    ({ href, title, question }) =>
      `<li><a href="${escapeHtml(href)}"><strong>${escapeHtml(title)}</strong><span>${escapeHtml(question)}</span></a></li>`,
  );
  const body = `<h1>Age and perceived gender from a face</h1>
<p class="lead">${escapeHtml(runText(run, known))}</p>
${notes.map(noteHtml).join('\n')}
${faces ? '' : noteHtml('Photos are left out of these pages, for passing them on where terms forbid sharing faces.')}
<h2>What came out</h2>
${resultHtml(known)}
${curvesHtml(known)}
<p><a href="model-card.html">The model card</a> says what this model is, what it must not be used for, and what “gender” means here.</p>
<h2>How it came about</h2>
<ol>${links.join('\n')}</ol>`;
  return pageHtml(`Age and perceived gender from a face: ${run}`, body, footer);
}

/** Which run it is, in a line. */
export function runText(run: string, { config, provenance }: RunHistory): string {
  const data = provenance.data?.label ?? 'no data opened yet';
  return [
    `run ${run}`,
    `preset ${config.preset}`,
    data,
    `images of ${config.imageSizePx} × ${config.imageSizePx} px`,
    `seed ${config.seed}`,
  ].join(' · ');
}

/** A paragraph, and the last epoch of each session on the validation side below what is reached without looking at a face. */
export function resultHtml({ config, history, provenance, split, baselines }: RunHistory): string {
  const last = history.at(-1)?.validation;
  if (!last || !split || !baselines) return '<p>Nothing is trained in this run yet.</p>';
  const planned = config.sessions.reduce((sum, { epochs }) => sum + epochs, 0);
  const epochs = history.length < planned ? `${history.length} of ${planned}` : history.length;
  const drawn = provenance.data?.kind === 'drawn' ? ', drawn by a program' : '';
  const always = `${years(baselines.medianAgeYears, 0)} and ${GENDER_NAMES[baselines.majorityGender]}`;
  const text = `The model was trained on ${grouped(split.training.length)} faces${drawn}, for ${epochs} epochs. On ${grouped(split.validation.length)} others, kept from training, its ages are ${years(last.ageMaeYears)} off on average, and it names the perceived gender as annotated for ${percent(last.genderAccuracy)}. Without looking, by always answering ${always}, one would be ${years(baselines.ageMaeYears)} off, and right for ${percent(baselines.genderAccuracy)}.`;
  const rows = [...new Set(history.map(({ session }) => session))].map((session) => {
    const { validation } = history.filter((record) => record.session === session).at(-1)!;
    return [`After session ${session}`, percent(validation.genderAccuracy), years(validation.ageMaeYears, 2)];
  });
  rows.unshift(['Baseline: the same answer for every face', percent(baselines.genderAccuracy), years(baselines.ageMaeYears, 2)]);
  const table = tableHtml(['Measured on faces kept from training', 'Gender accuracy', 'Mean absolute age error'], rows);
  const meaning =
    'The baseline always answers with the median age, the best constant for this error, and the more frequent gender of the training side. Gender is perceived and binary, as annotated.';
  return `<p class="result">${escapeHtml(text)}</p>${table}<p class="lead">${meaning}</p>`;
}

/** What the result became from epoch to epoch; nothing before the first. */
function curvesHtml({ config, history, provenance, baselines }: RunHistory): string {
  if (history.length === 0) return '';
  const figures = (['ageMaeYears', 'genderAccuracy'] as const).map((metric) => {
    const figure = metricFigure(history, metric, 'joined', baselines, config.ageScale);
    return lineChartHtml(provenance.data?.kind === 'drawn' ? marked(figure, 'drawn faces') : figure);
  });
  return `<div class="beside">${figures.join('')}</div>`;
}

/** A page of its own, in the style of all pages. `body` is HTML; the footer stands below the page's main part. */
export function pageHtml(title: string, body: string, footer: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${readFileSync(projectPath('notebooks', 'kernel', 'template', 'page.css'), 'utf8')}</style>
</head>
<body class="course course-index">
<main>
${body}
</main>
${footer}
</body>
</html>
`;
}

/** The footer of every page: where its numbers come from, one line for each thing known. */
export function footerHtml(facts: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(facts).map(([name, value]) => `<dt>${escapeHtml(words(name))}</dt><dd>${escapeHtml(factText(value))}</dd>`);
  return `<footer class="course-footer"><h2>Where these numbers come from</h2><dl>${rows.join('')}</dl></footer>`;
}

function factText(value: unknown): string {
  if (Array.isArray(value)) return value.map(factText).join('; ');
  if (typeof value === 'number') return value.toLocaleString('en-US', { maximumSignificantDigits: 6, useGrouping: value >= 10_000 });
  if (typeof value !== 'object' || value === null) return value === null ? 'default' : String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${words(name)} ${factText(inner)}`)
    .join(', ');
}

/** "near duplicate pairs" from "nearDuplicatePairs". */
function words(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}
