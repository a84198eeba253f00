/** `npm run report`: a run's executed notebooks as HTML pages with an index. */
import path from 'node:path';
import { requireRun } from '../../run/run';
import { exportReports } from '../export';
import type { Command } from './command';

export const command: Command = {
  summary: "Exports a run's executed notebooks to self-contained HTML pages with an index.",
  options: {
    run: { type: 'string', value: 'name', help: 'the run below outputs/; without it the newest' },
    'no-faces': { type: 'boolean', help: 'leave out every photo, for passing on where terms forbid sharing' },
  },
  needs: 'jupyter',
  async run(args) {
    const run = requireRun(args.text('run'));
    const index = await exportReports(run.folder, { faces: !args.flag('no-faces') });
    process.stdout.write(`${path.relative(process.cwd(), index)}\n`);
  },
};
