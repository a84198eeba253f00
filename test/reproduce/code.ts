/** Which files of the code are not those that trained a run: told without any of them, for a changed one may not even load. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { globSync } from 'glob';

/** What a record has of the code. */
interface CodeRecord {
  readonly provenance: { readonly trainedBy: readonly { readonly codeSha256?: string; readonly code?: string }[] };
  readonly hashes: { readonly code?: Readonly<Record<string, Readonly<Record<string, string>>>> };
}

/** Against what trained the run last; undefined where the run is too old to know. Paths are those below the project's folder. */
export function changedCode({ provenance, hashes }: CodeRecord, project: string): readonly string[] | undefined {
  const before = hashes.code?.[provenance.trainedBy.at(-1)?.codeSha256 ?? ''];
  if (!before) return undefined;
  const here = globSync(['lib/**', 'package-lock.json'], { cwd: project, nodir: true, posix: true });
  const names = [...new Set([...Object.keys(before), ...here])].sort();
  return names.filter((name) => before[name] !== hashOf(path.join(project, name)));
}

function hashOf(file: string): string | undefined {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12) : undefined;
}

/** Of a page or a run's folder; undefined where it has none that can be read. */
export function readCodeRecord(place: string): CodeRecord | undefined {
  try {
    const read = (name: string) => JSON.parse(readFileSync(path.join(place, name), 'utf8'));
    if (existsSync(path.join(place, 'hashes.json'))) return { provenance: read('provenance.json'), hashes: read('hashes.json') };
    return JSON.parse(/ id="run-record">(.*?)<\/script>/s.exec(readFileSync(place, 'utf8'))?.[1] ?? '');
  } catch {
    return undefined;
  }
}
