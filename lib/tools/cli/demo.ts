/** `npm run demo`: the page on which a run's model looks at photos. */
import path from 'node:path';
import { writeDemoPage } from '../../demo/build';
import { shownPath } from '../paths';
import type { Command } from './command';
import { RUN_OPTION, requireRun } from './runs';

export const command: Command = {
  summary: "Writes a page on which a run's model looks at photos and at the camera, in the browser, and serves it on this machine alone.",
  options: { run: RUN_OPTION },
  needs: 'nothing',
  async run(args) {
    const { folder } = requireRun(args.text('run'));
    const file = path.join(folder, 'reports', 'demo.html');
    await writeDemoPage(path.join(folder, 'model'), file);
    process.stdout.write(`${shownPath(file)}\n`);
  },
};
