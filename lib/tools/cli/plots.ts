/**
 * `npm run plots`: the curves of a run in the reader's own browser, by nodeplotlib. Its `plot` would listen on every network
 * interface and tell of every visitor, and its page loads fonts and Plotly from the internet. So its server is started here as
 * it starts it, but on this machine alone, and its page is served with Plotly from node_modules and forbidden to ask anybody else.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { InputError } from '../../base/errors';
import { isLoopback, LOOPBACK } from '../../demo/serve';
import type { Figure } from '../../figures/figure';
import { runFigures } from '../../figures/run';
import { plotlyFile } from '../../pages/html';
import { shownPath } from '../paths';
import type { Command } from './command';
import { RUN_OPTION, requireRun } from './runs';

export const command: Command = {
  summary: "Shows a run's curves in the browser, from this machine alone.",
  options: {
    run: RUN_OPTION,
    'no-open': { type: 'boolean', help: 'print the address only' },
  },
  needs: 'nothing',
  async run(args) {
    const run = requireRun(args.text('run'));
    const figures = runFigures(run.folder);
    if (figures.length === 0) {
      throw new InputError(`${shownPath(run.folder)}/history.json: no epoch yet. Run npm run train or npm run walkthrough first.`);
    }
    const address = await serve(figures);
    if (!args.flag('no-open')) openSystemBrowser(address);
    process.stdout.write(`${run.name}: ${address}\nClose the page, or press Ctrl+C, to end.\n`);
  },
};

const PLOTLY_PATH = '/plotly.min.js';
/** Without Plotly's button that uploads a figure to its makers' cloud. */
const PAGE_CONFIG = { displaylogo: false, showSendToCloud: false, plotlyServerURL: '' };
/** nodeplotlib's page is white in every mode. */
const WHITE = '#ffffff';
const PAGE_LAYOUT = { paper_bgcolor: WHITE, plot_bgcolor: WHITE, font: { color: '#1b1b1b' }, margin: { l: 72, r: 24, t: 96, b: 64 } };

/** Serves the figures until the browser's tab is closed or the process ends, and returns the address. */
async function serve(figures: readonly Figure[]): Promise<string> {
  console.log = () => undefined; // its server reports every visitor
  const { NestFactory } = await import('@nestjs/core');
  const { of } = await import('rxjs');
  const { ServerModule } = await import('nodeplotlib/src/lib/server/server.module');
  const { PlotsService } = await import('nodeplotlib/src/lib/server/plots/plots.service');
  const { BridgeService } = await import('nodeplotlib/src/lib/server/services/bridge.service');
  const server = await NestFactory.create(ServerModule, { logger: false });
  server.use(mendedAnswers);
  for (const { title, reading, data, layout } of figures) {
    const heading = { title: { text: title, subtitle: { text: reading } } };
    server.get(PlotsService).addPlot({ data: of([...data]), layout: of({ ...heading, ...layout, ...PAGE_LAYOUT }), config: PAGE_CONFIG });
  }
  server.get(BridgeService).shutdown$.subscribe(() => void server.close());
  await server.listen(Number(process.env.NODEPLOTLIB_PORT ?? 0), LOOPBACK);
  return `http://${LOOPBACK}:${server.getHttpServer().address().port}/`;
}

/** Comes before nodeplotlib's own answers: the page, its script and Plotly are given here, all else as before. */
function mendedAnswers(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const { pathname } = new URL(request.url ?? '/', `http://${LOOPBACK}`);
  if (!isLoopback(request.headers.host)) return void response.writeHead(403).end();
  response.setHeader('Content-Security-Policy', "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:");
  const answer = (type: string, text: string | Buffer) => response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` }).end(text);
  if (pathname === PLOTLY_PATH) answer('text/javascript', readFileSync(plotlyFile()));
  else if (pathname === '/main.js') answer('text/javascript', mendedScript());
  else if (['/', '/index.html', '/plots'].includes(pathname)) answer('text/html', mendedPage());
  else next();
}

/** nodeplotlib's page without its remote fonts, and with Plotly from here. Throws where a newer page would ask elsewhere. */
function mendedPage(): string {
  const page = webFile('index.html')
    .replace(/<link rel="preconnect"[^>]*>/g, '')
    .replace(/<style[^>]*>@font-face.*?<\/style>/gs, '')
    .replace(/src="https:\/\/cdn\.plot\.ly\/[^"]*"/, `src="${PLOTLY_PATH}"`);
  const remote = /https?:\/\/[^"')\s]*/.exec(page);
  if (remote) throw new InputError(`nodeplotlib's page would load ${remote[0]}: expected version 1.1.2. Run npm ci.`);
  return page;
}

/** Its script asks to redraw each figure before the figure's element exists, which fails; the first drawing comes later anyway. */
function mendedScript(): string {
  return webFile('main.js').replace(
    't.plotData&&Plotly.react(this.plotContainer',
    't.plotData&&this.plotContainer&&Plotly.react(this.plotContainer',
  );
}

function webFile(name: string): string {
  return readFileSync(path.join(path.dirname(require.resolve('nodeplotlib')), 'lib', 'server', 'web', name), 'utf8');
}

export function openSystemBrowser(address: string): void {
  const child = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [address], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined); // the address is printed; a machine without a desktop has no such program
  child.unref();
}
