/** `npm run plots`: the curves of a run in the browser. */
import { InputError } from '../../base/errors';
import { runFigures } from '../../figures/run';
import { requireRun } from '../../run/run';
import { showInBrowser } from '../plots';
import type { Command } from './command';

export const command: Command = {
  summary: "Shows a run's curves in the browser, from this machine alone.",
  options: {
    run: { type: 'string', value: 'name', help: 'the run below outputs/; without it the newest' },
    'no-open': { type: 'boolean', help: 'print the address only' },
  },
  needs: 'nothing',
  async run(args) {
    const run = requireRun(args.text('run'));
    const figures = runFigures(run.folder);
    if (figures.length === 0) {
      throw new InputError(`${run.folder}/history.json: no epoch yet. Expected a trained run; run npm run train or npm run walkthrough.`);
    }
    quietFramework();
    const address = await showInBrowser(figures, { open: !args.flag('no-open') });
    process.stdout.write(`${run.name}: ${address}\nClose the page, or press Ctrl+C, to end.\n`);
  },
};

/** nodeplotlib's server reports every start and visitor on stdout; the address is all that a reader needs. */
function quietFramework(): void {
  const write = process.stdout.write.bind(process.stdout);
  console.log = () => undefined;
  process.stdout.write = (chunk: string | Uint8Array, ...rest: never[]) => /\[Nest\]/.test(String(chunk)) || write(chunk, ...rest);
}
