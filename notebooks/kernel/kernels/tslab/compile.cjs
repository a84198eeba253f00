/**
 * Keeps a cell's compilation as small as the cell. Stock tslab takes whatever a cell imports for a part of it: every file of lib
 * is checked, emitted as JavaScript and as declarations, and watched, in each kernel anew (8 of the 9 seconds that a notebook's
 * first cell took). Here files are what they are to `npm run`:
 * 1. They run through esbuild, one by one, as they are required. A file that cannot be read as TypeScript, or that fails as it
 *    runs, is an error of the cell that imported it; `npm run check` finds the rest.
 * 2. TypeScript reads them for their types, and checks the cell against these. (Modules that a cell defines in memory, with
 *    tslab's `@module`, are still compiled by tslab.)
 * 3. A kernel reads a file once. (Stock: a thousand files and folders are watched, and after a change in one of these folders
 *    no cell is compiled any more: "Unexpected pending rebuildTimer".)
 */
const { existsSync, readFileSync } = require('node:fs');
const Module = require('node:module');

const fromTslab = Module.createRequire(require.resolve('tslab/dist/converter.js'));
const typescript = fromTslab.resolve('@tslab/typescript-for-tslab');
const ts = fromTslab(typescript);
const esbuild = Module.createRequire(require.resolve('tsx/cjs'))('esbuild');

/** Has to be called before tslab is loaded. */
function compileCellsOnly() {
  Module._extensions['.ts'] = runTypeScript;
  process.setSourceMapsEnabled(true); // an error's trace has the lines of the file as it is written
  const unwatched = () => ({ close() {} });
  ts.sys.watchFile = unwatched;
  require.cache[typescript].exports = {
    ...ts,
    createWatchCompilerHost(files, options, system, _createProgram, ...reporters) {
      system.watchDirectory = unwatched;
      return ts.createWatchCompilerHost(files, options, system, createProgram, ...reporters);
    },
  };
}

function runTypeScript(module, file) {
  const { code } = esbuild.transformSync(readFileSync(file, 'utf8'), {
    loader: 'ts',
    format: 'cjs',
    target: `node${process.versions.node}`,
    supported: { 'dynamic-import': false }, // import() of another of these files is a require, too
    sourcefile: file,
    sourcemap: 'inline',
    sourcesContent: false,
  });
  module._compile(code, file);
}

/** A program without the bookkeeping of who refers to whom, which takes longer than a cell; a cell depends on itself only. */
function createProgram(...values) {
  const builder = ts.createAbstractBuilder(...values);
  const program = builder.getProgram();
  program.getTypeChecker(); // it binds names, and tslab asks the cell's file for its own
  builder.getAllDependencies = (cell) => inMemory(program, cell, new Set());
  return builder;
}

/** The names of the files that `file` imports, directly or not, and that are not on disk; its own first. */
function inMemory(program, file, found) {
  found.add(file.fileName);
  file.resolvedModules?.forEach(({ resolvedModule }) => {
    const name = resolvedModule?.resolvedFileName;
    if (name && !found.has(name) && !existsSync(name)) inMemory(program, program.getSourceFile(name), found);
  });
  return [...found];
}

module.exports = { compileCellsOnly };
