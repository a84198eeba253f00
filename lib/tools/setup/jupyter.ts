/** The environment in which Jupyter finds the course's kernel and keeps everything it writes inside the project. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { projectPath } from '../../base/project';
import { cachePath, venvPath } from './paths';

/** This process's environment with Jupyter's folders set; kernels run on the Node that runs this. */
export function jupyterEnvironment(): Readonly<Record<string, string | undefined>> {
  mkdirSync(cachePath('tmp'), { recursive: true });
  return {
    ...process.env,
    PATH: [path.dirname(process.execPath), venvPath('bin'), process.env.PATH].join(path.delimiter),
    JUPYTER_PATH: projectPath('notebooks', 'kernel'),
    JUPYTER_CONFIG_DIR: cachePath('jupyter', 'config'),
    JUPYTER_DATA_DIR: cachePath('jupyter', 'data'),
    JUPYTER_RUNTIME_DIR: cachePath('jupyter', 'runtime'),
    JUPYTERLAB_SETTINGS_DIR: cachePath('jupyter', 'lab', 'settings'),
    JUPYTERLAB_WORKSPACES_DIR: cachePath('jupyter', 'lab', 'workspaces'),
    IPYTHONDIR: cachePath('ipython'),
    TMPDIR: cachePath('tmp'),
  };
}
