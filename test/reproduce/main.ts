/** `npm run reproduce`: begins it, and where the code does not even load, says which file of it has changed. */
import path from 'node:path';
import { changedCode, readCodeRecord } from './code';

void import('./reproduce').catch((error: unknown) => {
  const places = process.argv.slice(2).map((word) => path.resolve(process.env.INIT_CWD ?? '.', word));
  const record = places.map(readCodeRecord).find((found) => found !== undefined);
  const changed = record && changedCode(record, process.cwd());
  const list = changed?.map((file) => `    ${file}\n`).join('') ?? '';
  const reason = error instanceof Error ? error.message.trim().replace(/\s*\n\s*/g, ' / ') : String(error);
  process.stderr.write(`The code does not load as it is here: ${reason}\n${list && `Changed since it trained the run:\n${list}`}`);
  process.exitCode = 1;
});
