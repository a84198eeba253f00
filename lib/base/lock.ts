/** One process at a time: a lock that the operating system takes back when its holder ends, however that ends. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { codeOf } from './errors';

export type LockAnswer =
  | { readonly release: () => Promise<void> }
  /** Another holds it: the number of that process, undefined where it was too busy to say. */
  | { readonly holder: number | undefined };

/** A process that computes answers between two steps of it. */
const PATIENCE_MS = 5_000;

/**
 * Takes the lock of a place, a path that need not exist, unless somebody has it; it keeps no process alive. It is a socket
 * of Linux's abstract kind, which no disk holds: nothing is ever left behind. Other systems have none, and everybody gets the lock there.
 */
export async function holdLock(place: string, patienceMs = PATIENCE_MS): Promise<LockAnswer> {
  if (process.platform !== 'linux') return { release: async () => undefined };
  const name = `\0faces-${createHash('sha256').update(path.resolve(place)).digest('hex').slice(0, 32)}`;
  for (;;) {
    const server = createServer((caller) => void caller.on('error', () => undefined).end(String(process.pid)));
    try {
      await once(server.unref().listen(name), 'listening');
      return { release: () => new Promise((resolve) => server.close(() => resolve())) };
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') throw error;
    }
    const said = await answerOf(name, patienceMs);
    if (said !== undefined) return { holder: Number(said) || undefined };
  }
}

/** What the holder says, '' when it says nothing in time; undefined when it has gone meanwhile. */
function answerOf(name: string, patienceMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(name);
    const answer = (said?: string) => {
      resolve(said);
      socket.destroy();
    };
    socket.setTimeout(patienceMs, () => answer(''));
    socket.on('data', (said) => answer(String(said)));
    socket.on('error', () => answer());
    socket.on('close', () => answer());
  });
}
