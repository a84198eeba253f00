/** `npm run demo`: the page on which a run's model looks at photos. */
import path from 'node:path';
import { InputError } from '../../base/errors';
import { projectPath } from '../../base/project';
import { bundledModel, modelOfRun, writeDemoPage } from '../../demo/build';
import { servePage } from '../../demo/serve';
import { shownPath } from '../paths';
import type { Command } from './command';
import { openSystemBrowser } from './plots';
import { RUN_OPTION, requireRun } from './runs';

export const command: Command = {
  summary: "Writes a page on which a run's model looks at photos and at the camera, in the browser, and serves it on this machine alone.",
  options: {
    run: RUN_OPTION,
    bundled: { type: 'boolean', help: 'the model that comes with the course, which needs no run' },
    'no-open': { type: 'boolean', help: 'print the address only' },
    'no-serve': { type: 'boolean', help: 'write the page only; opened from disk it does the same' },
  },
  needs: 'nothing',
  async run(args) {
    const { model, folder } = args.flag('bundled') ? bundled() : trained(args.text('run'));
    const file = path.join(folder, 'reports', 'demo.html');
    await writeDemoPage(model, file);
    process.stdout.write(`${shownPath(file)}\n`);
    if (args.flag('no-serve')) return;
    const address = await servePage(file);
    if (!args.flag('no-open')) openSystemBrowser(address);
    process.stdout.write(`${address}\nPress Ctrl+C to end.\n`);
  },
};

const bundled = () => ({ model: bundledModel(), folder: projectPath('outputs', 'bundled') });

function trained(name: string | undefined) {
  const { folder } = requireRun(name, BUNDLED);
  const model = modelOfRun(folder);
  if (model) return { model, folder };
  throw new InputError(`${shownPath(folder)}: no model yet. Finish it with npm run train -- --run ${path.basename(folder)}. ${BUNDLED}`);
}

const BUNDLED = 'npm run demo -- --bundled shows the model that comes with the course.';
