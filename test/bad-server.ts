/** A web server on 127.0.0.1 that serves one file in every bad way that a download must survive. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export type Behaviour =
  | 'good'
  /** Breaks the connection after a third of what was asked for. */
  | 'drops'
  /** The same, and answers every request from the start. */
  | 'drops, ignores ranges'
  /** Sends a third, then nothing. */
  | 'stalls'
  | 'never answers'
  /** Says that the file is 1,000 bytes longer. */
  | 'claims more'
  /** Says that the file is 1,000 bytes shorter. */
  | 'claims less'
  | 'ignores ranges'
  /** Answers a Range with another one. */
  | 'wrong range'
  | 'wrong bytes'
  /** Sends bytes without end. */
  | 'endless'
  | 'not found'
  /** Answers 503 to every request but the third. */
  | 'overloaded';

export interface BadServer {
  readonly url: string;
  /** The Range header of every request, "all" for none. */
  readonly requests: readonly string[];
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** Serves `content` under any path. */
export async function startBadServer(content: Buffer): Promise<BadServer> {
  const requests: string[] = [];
  let behaviour: Behaviour = 'good';
  const server = createServer((request, response) => {
    requests.push(request.headers.range ?? 'all');
    answer(behaviour, content, requests.length, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}/faces.tar.gz`,
    requests,
    behave: (next) => {
      behaviour = next;
      requests.length = 0;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(behaviour: Behaviour, content: Buffer, count: number, request: IncomingMessage, response: ServerResponse): void {
  if (behaviour === 'never answers') return;
  if (behaviour === 'not found') return void response.writeHead(404).end('no');
  if (behaviour === 'overloaded' && count !== 3) return void response.writeHead(503).end('later');
  const asked = /^bytes=(\d+)-/.exec(request.headers.range ?? '');
  const ranges = asked !== null && !behaviour.includes('ignores ranges') && behaviour !== 'endless';
  let start = ranges ? Number(asked[1]) : 0;
  if (start >= content.length) return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
  if (ranges && behaviour === 'wrong range') start = Math.floor(start / 2);
  const body = Buffer.from(content.subarray(start));
  if (behaviour === 'wrong bytes') body.fill(7, 0, 100);
  if (ranges) response.statusCode = 206;
  if (ranges) response.setHeader('content-range', `bytes ${start}-${content.length - 1}/${content.length}`);
  if (behaviour !== 'endless') response.setHeader('content-length', body.length + claimed(behaviour));
  const third = body.subarray(0, Math.ceil(body.length / 3));
  if (behaviour.startsWith('drops')) response.write(third, () => setTimeout(() => response.destroy(), 20));
  else if (behaviour === 'stalls') response.write(third);
  else if (behaviour === 'endless') flood(response, body);
  else if (behaviour === 'claims more') response.write(body, () => setTimeout(() => response.destroy(), 20));
  else if (behaviour === 'claims less') response.end(body.subarray(0, body.length - 1000));
  else response.end(body);
}

function claimed(behaviour: Behaviour): number {
  if (behaviour === 'claims more') return 1000;
  return behaviour === 'claims less' ? -1000 : 0;
}

function flood(response: ServerResponse, body: Buffer): void {
  response.write(body, () => {
    if (!response.destroyed) setImmediate(() => flood(response, body));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
