/**
 * Starts tslab for the course's notebooks: Jupyter starts a kernel in the notebook's folder, but tslab resolves imports from
 * its working directory, which has to be the project's root. What tslab gets wrong is mended in mends.cjs, what it takes too long
 * for in compile.cjs.
 */
const path = require('node:path');

process.chdir(path.resolve(__dirname, '..', '..', '..', '..'));

require('./compile.cjs').compileCellsOnly();
const { mendServer, mendedConsole } = require('./mends.cjs');
const { startKernel } = require('tslab/dist/main.js');

mendServer();
mendedConsole(() => startKernel({ configPath: process.argv[2], enableFindLocal: false }));
exitWithParent(Number(process.env.JPY_PARENT_PID));

/** A Jupyter that was killed cannot stop its kernels: they notice by themselves. */
function exitWithParent(parentPid) {
  if (!parentPid) return;
  setInterval(() => {
    try {
      process.kill(parentPid, 0);
    } catch (error) {
      if (error.code === 'ESRCH') process.exit(1);
    }
  }, 2000).unref();
}
