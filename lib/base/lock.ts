/** One process at a time: a lock that the operating system takes back when its holder ends, however that ends. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { codeOf } from './errors';

/**
 * Takes the lock of a place, a path that need not exist, unless somebody has it; it keeps no process alive. It is a socket
 * of Linux's abstract kind, which lies on no disk: nothing is ever left behind. Other systems have none: everybody gets the
 * lock there. Beside it stands a socket with the holder's number in its name, for all to read in the list of sockets; the
 * number is undefined where that process has just begun to hold the lock, or just ended.
 */
export async function holdLock(place: string): Promise<{ readonly release: () => void } | { readonly holder: number | undefined }> {
  if (process.platform !== 'linux') return { release: () => undefined };
  const name = `faces-${createHash('sha256').update(path.resolve(place)).digest('hex').slice(0, 32)}`;
  const lock = await listen(name);
  if (!lock) return { holder: Number(new RegExp(`@${name}-(\\d+)`).exec(readFileSync('/proc/net/unix', 'utf8'))?.[1]) || undefined };
  const sign = await listen(`${name}-${process.pid}`);
  const release = () => {
    sign?.close();
    lock.close();
  };
  return { release };
}

/** Undefined where another listens. */
async function listen(name: string): Promise<Server | undefined> {
  const server = createServer((caller) => caller.destroy()).unref();
  try {
    await once(server.listen(`\0${name}`), 'listening');
    return server;
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return undefined;
    throw error;
  }
}
