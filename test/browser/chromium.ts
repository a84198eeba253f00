/** Debian's Chromium, driven by Playwright, for the tests that look at pages as readers do. */
import { existsSync, readFileSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { projectPath } from '../../lib/base/project';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/**
 * Why the browser tests cannot run, or false. Goes into `test(..., { skip })`. Under CI a missing browser is a failure,
 * so there the tests run and say what is missing.
 */
export function browserMissing(): string | false {
  if (existsSync(executablePath) || process.env.CI) return false;
  return `no Chromium at ${executablePath}: apt-get install chromium, or set CHROMIUM to its path`;
}

/** A headless browser that makes no connections of its own, with more flags if given. */
export async function openBrowser(flags: readonly string[] = []): Promise<Browser> {
  if (!existsSync(executablePath))
    throw new Error(`No Chromium at ${executablePath}: apt-get install chromium, or set CHROMIUM to its path.`);
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'];
  return chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu', ...quiet, ...flags] });
}

/** What a page did that a self-contained page must not do. */
export interface Complaints {
  readonly consoleErrors: string[];
  /** Addresses asked for that `allowed` does not cover. */
  readonly requests: string[];
}

/** A page that writes down its console errors and every request but those that `allowed` matches. */
export async function openPage(
  browser: Browser,
  allowed: RegExp,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: Complaints }> {
  const page = await browser.newPage(options);
  const complaints: Complaints = { consoleErrors: [], requests: [] };
  page.on('console', (message) => message.type() === 'error' && complaints.consoleErrors.push(message.text()));
  page.on('pageerror', (error) => complaints.consoleErrors.push(error.message));
  page.on('request', (request) => {
    if (!allowed.test(request.url())) complaints.requests.push(request.url().slice(0, 200));
  });
  return { page, complaints };
}

/** The sizes of what Plotly drew, one entry a figure; a figure that is not drawn counts as 0 by 0. */
export function drawnSizes(page: Page): Promise<{ width: number; height: number; marks: number }[]> {
  return page.$$eval('figure.plot', (figures) =>
    figures.map((figure) => {
      const svg = figure.querySelector('svg.main-svg');
      const box = svg?.getBoundingClientRect();
      const marks = figure.querySelectorAll('.trace path').length;
      return { width: box?.width ?? 0, height: box?.height ?? 0, marks };
    }),
  );
}

/** What axe-core calls serious or critical; a line for each element. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(projectPath('node_modules', 'axe-core', 'axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate<{ violations: { id: string; impact: string; nodes: { target: string[]; html: string }[] }[] }>(
    'axe.run(document)',
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, html: markup }) => `${id}: ${target.join(' ')}: ${markup.slice(0, 100)}`));
}

/** Elements that stick out of the page at the right, and are not within something that scrolls. */
export const CUT_OFF = `[...document.querySelectorAll('body *')].filter((element) => {
  if (element.closest('svg, .modebar-container') && !element.matches('svg')) return false;
  const { right, width } = element.getBoundingClientRect();
  if (width === 0 || right <= document.documentElement.clientWidth + 1) return false;
  for (let around = element.parentElement; around; around = around.parentElement) {
    if (/auto|scroll|hidden/.test(getComputedStyle(around).overflowX) && around !== document.body) return false;
  }
  return true;
}).map((element) => element.outerHTML.slice(0, 100))`;
