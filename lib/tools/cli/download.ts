import { existsSync } from 'node:fs';
import { InputError } from '../../base/errors';
import { terminalProgress } from '../../base/progress';
import { projectPath } from '../../base/project';
import { downloadUtkFace } from '../download/utkface';
import { downloadWeights } from '../download/weights';
import type { Command } from './command';

export const command: Command = {
  summary: 'Fetch what the course may not carry: "utkface", the faces, or "weights", a MobileNetV2 trained on ImageNet.',
  positionals: '<utkface|weights>',
  options: {
    'accept-terms': { type: 'boolean', help: 'you have read the terms of UTKFace, which this command shows, and agree' },
  },
  needs: 'nothing',
  async run(args) {
    const [what, ...rest] = args.positionals;
    if (rest.length > 0 || (what !== 'utkface' && what !== 'weights')) {
      throw new InputError(`npm run download -- ${args.positionals.join(' ')}: expected one of utkface, weights.`);
    }
    const onProgress = terminalProgress();
    if (what === 'utkface') {
      const file = await downloadUtkFace({ acceptTerms: args.flag('accept-terms'), folder: projectPath('data', 'cache'), onProgress });
      const next = existsSync(projectPath('data', 'weights')) ? '' : ' (and first: npm run download -- weights)';
      process.stdout.write(`${file}\nUse it: npm run walkthrough -- --preset classic --data "${file}"${next}\n`);
      return;
    }
    const { ensureSetup } = await import('../setup'); // the weights are proved by what the network makes of them
    await ensureSetup('engine');
    const file = await downloadWeights({ folder: projectPath('data', 'weights'), onProgress });
    process.stdout.write(`${file}\nEvery new run starts from these weights.\n`);
  },
};
