/**
 * Figures in the reader's own browser, by nodeplotlib. As it comes, its server listens on every network interface and its
 * page loads fonts and Plotly from the internet. Here it listens on this machine only, and the page is served with Plotly
 * from node_modules and forbidden to ask anybody else. The package itself stays untouched.
 */
import { spawn } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { InputError } from '../base/errors';
import type { Figure } from '../figures/figure';
import { plotlyFile } from '../pages/html';

const LOOPBACK = '127.0.0.1';
const PLOTLY_PATH = '/plotly.min.js';

export interface BrowserOptions {
  /** Opens the system's browser at the address. */
  readonly open: boolean;
}

/**
 * Serves the figures until the browser's tab is closed or the process ends, and returns the address.
 * The server is nodeplotlib's own; one at a time in a process.
 */
export async function showInBrowser(figures: readonly Figure[], options: BrowserOptions): Promise<string> {
  // Any value keeps nodeplotlib from opening a browser by itself; 0 lets the system choose the port.
  process.env.NODEPLOTLIB_PORT ??= '0';
  const listening = mendNextServer();
  const { plot } = await import('nodeplotlib');
  for (const figure of figures) plot([...figure.data], { ...figure.layout, ...PAGE_LAYOUT }, PAGE_CONFIG);
  const address = await listening;
  if (options.open) openSystemBrowser(address);
  return address;
}

/** Without Plotly's button that uploads a figure to its makers' cloud. */
const PAGE_CONFIG = { displaylogo: false, showSendToCloud: false, plotlyServerURL: '' };

/** nodeplotlib's page is white in every mode. */
const PAGE_LAYOUT = {
  paper_bgcolor: '#ffffff',
  plot_bgcolor: '#ffffff',
  font: { color: '#1b1b1b' },
  margin: { l: 72, r: 24, t: 96, b: 64 },
};

/** Binds the next HTTP server of this process to loopback and mends its page; resolves to its address. */
function mendNextServer(): Promise<string> {
  const { prototype } = http.Server;
  const own = Object.getOwnPropertyDescriptor(prototype, 'listen');
  const restore = () => (own ? Object.defineProperty(prototype, 'listen', own) : Reflect.deleteProperty(prototype, 'listen'));
  return new Promise((resolve, reject) => {
    prototype.listen = function (this: http.Server, port?: unknown, ...rest: unknown[]) {
      restore();
      const callback = rest.find((item): item is () => void => typeof item === 'function');
      this.once('error', reject);
      this.once('listening', () => {
        const bound = this.address();
        if (typeof bound === 'object' && bound) resolve(`http://${LOOPBACK}:${bound.port}/`);
      });
      mendRequests(this);
      return this.listen(Number(port) || 0, LOOPBACK, callback);
    };
  });
}

/** Puts itself before the server's own listeners: the page and Plotly are answered here, all else as before. */
function mendRequests(server: http.Server): void {
  const others = server.listeners('request').slice();
  server.removeAllListeners('request');
  server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', `http://${LOOPBACK}`);
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) return void response.writeHead(403).end();
    response.setHeader('Content-Security-Policy', "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:");
    if (pathname === PLOTLY_PATH) {
      response.writeHead(200, { 'Content-Type': 'text/javascript' });
      return void createReadStream(plotlyFile()).pipe(response);
    }
    if (pathname === '/main.js') return answer(response, 'text/javascript; charset=utf-8', mendedScript());
    if (pathname === '/' || pathname === '/index.html' || pathname === '/plots')
      return answer(response, 'text/html; charset=utf-8', mendedPage());
    for (const listener of others) listener.call(server, request, response);
  });
}

function answer(response: http.ServerResponse, type: string, text: string): void {
  response.writeHead(200, { 'Content-Type': type });
  response.end(text);
}

/** nodeplotlib's page without its remote fonts, and with Plotly from here. Throws where a newer page would ask elsewhere. */
export function mendedPage(): string {
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

function openSystemBrowser(address: string): void {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(program, [address], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined); // the address is printed; a machine without a desktop has no such program
  child.unref();
}
