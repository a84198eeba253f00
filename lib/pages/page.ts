/**
 * Pages that stand alone: the style and the footer of all, and the front page of a run's reports, which says what the run is,
 * what came out beside the baseline, and where to read on.
 */
import { readFileSync } from 'node:fs';
import { projectPath } from '../base/project';
import { percent, years } from '../base/text';
import type { Config } from '../config';
import type { Baselines, History } from '../training/history';
import { escapeHtml, noteHtml, tableHtml } from './html';

export interface IndexPage {
  readonly run: string;
  readonly config: Config;
  /** What the faces are called, "UTKFace.tar.gz"; undefined where no data was opened yet. */
  readonly dataLabel?: string;
  /** What must not be overlooked about the run, as `runNotes` has it. */
  readonly notes: readonly string[];
  readonly history: History;
  readonly baselines?: Baselines;
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
export function indexPageHtml(page: IndexPage): string {
  const { config } = page;
  const facts = [
    `run ${page.run}`,
    `preset ${config.preset}`,
    page.dataLabel ?? 'no data opened yet',
    `images of ${config.imageSizePx} × ${config.imageSizePx} px`,
    `seed ${config.seed}`,
  ];
  const pages = page.pages.map(
    ({ href, title, question }) =>
      `<li><a href="${escapeHtml(href)}"><strong>${escapeHtml(title)}</strong><span>${escapeHtml(question)}</span></a></li>`,
  );
  const body = `<h1>Age and perceived gender from a face</h1>
<p class="lead">${facts.map(escapeHtml).join(' · ')}</p>
${page.notes.map(noteHtml).join('\n')}
${page.faces ? '' : noteHtml('Photos are left out of these pages, for passing them on where terms forbid sharing faces.')}
<h2>What came out</h2>
${resultsHtml(page.history, page.baselines)}
<h2>How it came about</h2>
<ol>${pages.join('\n')}</ol>`;
  return pageHtml(`Age and perceived gender from a face: ${page.run}`, body, page.footer);
}

/** The last epoch of each session on the validation side, below what is reached without looking at a face. */
function resultsHtml(history: History, baselines: Baselines | undefined): string {
  const sessions = [...new Set(history.map((record) => record.session))];
  if (sessions.length === 0) return '<p>Nothing is trained in this run yet.</p>';
  const rows = sessions.map((session) => {
    const { validation } = history.filter((record) => record.session === session).at(-1)!;
    return [`After session ${session}`, percent(validation.genderAccuracy), years(validation.ageMaeYears, 2)];
  });
  if (baselines) {
    rows.unshift(['Baseline: the same answer for every face', percent(baselines.genderAccuracy), years(baselines.ageMaeYears, 2)]);
  }
  const table = tableHtml(['Measured on faces kept from training', 'Gender accuracy', 'Mean absolute age error'], rows);
  const meaning =
    'The baseline always answers with the median age, the best constant for this error, and the more frequent gender of the training side. Gender is perceived and binary, as annotated.';
  return `${table}<p class="lead">${meaning}</p>`;
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
