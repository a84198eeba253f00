/** `npm run lab`: JupyterLab on the notebooks, with the course's kernel ready. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { InputError } from '../../base/errors';
import { projectPath } from '../../base/project';
import { jupyterEnvironment, venvPython } from '../setup/python';
import type { Command } from './command';

export const command: Command = {
  summary: 'Opens JupyterLab on notebooks/ with the TypeScript kernel ready; Ctrl-C ends it.',
  options: {
    'no-browser': { type: 'boolean', help: 'only print the address' },
    port: { type: 'string', value: 'number', help: 'the port to listen on (8888, or the next free one)' },
  },
  needs: 'jupyter',
  async run(args) {
    const port = args.text('port');
    if (port !== undefined && !(Number.isInteger(Number(port)) && Number(port) > 0 && Number(port) < 65_536)) {
      throw new InputError(`--port ${port}: expected a whole number from 1 to 65535.`);
    }
    const words = ['-m', 'jupyterlab', `--notebook-dir=${projectPath('notebooks')}`, '--ip=127.0.0.1', '--LabApp.news_url=None'];
    words.push('--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate'); // no request leaves this computer
    words.push('--KernelSpecManager.allowed_kernelspecs=tslab', '--MultiKernelManager.default_kernel_name=tslab');
    words.push('--ServerApp.iopub_data_rate_limit=100000000'); // the plotting library is one message of 1.2 MB
    if (args.flag('no-browser')) words.push('--no-browser');
    if (process.getuid?.() === 0) words.push('--allow-root');
    if (port !== undefined) words.push(`--port=${port}`);
    const child = spawn(venvPython(), words, { stdio: 'inherit', env: jupyterEnvironment() });
    // Ctrl-C reaches Jupyter too: this process only waits for it to end.
    process.on('SIGINT', () => {});
    process.once('SIGTERM', () => child.kill('SIGTERM'));
    const [code] = await once(child, 'close');
    process.exitCode = code ?? 0;
  },
};
