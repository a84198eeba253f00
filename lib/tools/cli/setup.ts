/** `npm run setup`: prepares the engine and Jupyter ahead of time; the other commands do it by themselves when needed. */
import { openEngine } from '../../base/engine';
import { ensureSetup } from '../setup';
import type { Command } from './command';

export const command: Command = {
  summary: 'Prepares the TensorFlow engine and Jupyter inside this folder.',
  options: {},
  needs: 'nothing',
  async run() {
    await ensureSetup('jupyter', true);
    const { description } = await openEngine();
    process.stdout.write(`Ready: ${description}. Next: npm run walkthrough\n`);
  },
};
