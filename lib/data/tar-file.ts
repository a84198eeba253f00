/** Reads a .tar.gz from beginning to end. */
import { createReadStream, statSync } from 'node:fs';
import { Parser, type ReadEntry } from 'tar';
import type { ArchiveEntry, EntryVisitor } from './archive-entry';

const KINDS: Readonly<Record<string, ArchiveEntry['kind']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  GNUDumpDir: 'folder',
  Link: 'link',
  SymbolicLink: 'link',
};

/** Rejects with what `visit` or what it returned throws, and when the archive is cut off or damaged. */
export async function readTar(file: string, visit: EntryVisitor, onBytes?: (done: number, total: number) => void): Promise<void> {
  const total = statSync(file).size;
  await new Promise<void>((resolve, reject) => {
    const source = createReadStream(file, { highWaterMark: 1 << 20 });
    const fail = (error: unknown): void => {
      source.destroy();
      reject(error);
    };
    const guarded = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        fail(error);
      }
    };
    const parser = new Parser({ strict: true, onReadEntry: (entry) => guarded(() => visitEntry(entry, visit, guarded)) });
    let done = 0;
    source.on('data', (chunk) => {
      done += chunk.length;
      onBytes?.(done, total);
      guarded(() => {
        if (parser.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)) return;
        source.pause();
        parser.once('drain', () => source.resume());
      });
    });
    source.on('error', fail);
    source.on('end', () => guarded(() => parser.end()));
    parser.on('error', fail);
    parser.on('end', resolve);
  });
}

function visitEntry(entry: ReadEntry, visit: EntryVisitor, guarded: (work: () => void) => void): void {
  const take = visit({ path: entry.path, kind: KINDS[entry.type] ?? 'other' });
  if (take) {
    const parts: Buffer[] = [];
    entry.on('data', (part) => parts.push(part));
    entry.on('end', () => guarded(() => take(Buffer.concat(parts))));
  } else entry.resume();
}
