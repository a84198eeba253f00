/** Pages that stand alone: the style and the footer of all. What the front page and the model card of a run say is in notebooks/kernel/template. */
import { readFileSync } from 'node:fs';
import { projectPath } from '../base/project';
import { escapeHtml } from './html';

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
