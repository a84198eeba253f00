/** Serves the page to this machine's browsers and to nobody else: what a camera needs, which pages on disk may not ask for everywhere. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** As the page's own policy, which is stricter, for what a page cannot say of itself. */
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
} as const;

/** Serves that one file, as it is now, until the process ends, and returns its address. */
export async function servePage(file: string): Promise<string> {
  const page = readFileSync(file);
  const server = createServer((request, response) => {
    // A page from elsewhere may have its name lead here: it is answered nothing.
    if (!isLoopback(request.headers.host)) response.writeHead(403).end();
    else if (request.method !== 'GET' && request.method !== 'HEAD') response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    else if (request.url !== '/') response.writeHead(404).end();
    else response.writeHead(200, { ...HEADERS, 'Content-Length': page.length }).end(request.method === 'GET' ? page : undefined);
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/`;
}

/** Whether a request's Host header names this machine as its own browsers do. */
export function isLoopback(host = ''): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
}
