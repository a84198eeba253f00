/** Node's C headers for building an addon: those that came with this Node, else the ones in npm's node-api-headers. */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectPath } from '../../base/project';
import { cachePath } from './paths';

/** What node-gyp reads beside the headers; Node's own file only adds choices for building Node itself. */
const COMMON_GYPI = `{
  'target_defaults': {
    'default_configuration': 'Release',
    'configurations': { 'Release': { 'defines': ['NDEBUG'], 'cflags': ['-O3'] } },
    'cflags': ['-fPIC', '-pthread'],
    'cflags_cc': ['-std=gnu++17', '-fno-rtti', '-fno-exceptions'],
    'ldflags': ['-pthread', '-rdynamic'],
  },
}
`;

/** A folder that holds include/node with headers and gyp files, for node-gyp's --nodedir. */
export function nodeHeaders(executable: string = process.execPath): string {
  const own = path.dirname(path.dirname(executable));
  if (existsSync(path.join(own, 'include', 'node', 'node_api.h')) && existsSync(path.join(own, 'include', 'node', 'common.gypi')))
    return own;
  const made = cachePath('node-headers');
  const partial = `${made}.partial`;
  const include = path.join(partial, 'include', 'node');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(include, { recursive: true });
  cpSync(projectPath('node_modules', 'node-api-headers', 'include'), include, { recursive: true });
  writeFileSync(path.join(include, 'common.gypi'), COMMON_GYPI);
  writeFileSync(path.join(include, 'config.gypi'), JSON.stringify({ target_defaults: {}, variables: {} }));
  rmSync(made, { recursive: true, force: true });
  renameSync(partial, made);
  return made;
}
