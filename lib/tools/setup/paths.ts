/** Where the prepared parts lie, all of them inside the project's folder. */
import { projectPath } from '../../base/project';

/** The Python that runs Jupyter. */
export const venvPath = (...parts: readonly string[]): string => projectPath('.venv', ...parts);

/** Downloads under way, lock, logs, and the settings that Jupyter would otherwise keep in the home folder. */
export const cachePath = (...parts: readonly string[]): string => projectPath('.cache', ...parts);

/** Where setup's programs put their temporary files; emptied before and after. */
export const temporaryPath = (...parts: readonly string[]): string => cachePath('setup', ...parts);

/** The unpacked TensorFlow wheel: its library and C headers. */
export const tensorFlowPath = (...parts: readonly string[]): string => venvPath('tensorflow', ...parts);

/** The package whose addon is built against that wheel. */
export const addonPackagePath = (...parts: readonly string[]): string => projectPath('node_modules', '@tensorflow', 'tfjs-node', ...parts);

/** The addon itself; its folder is named after version 8 of Node-API, which every Node since 15 offers. */
export const addonPath = (): string => addonPackagePath('lib', 'napi-v8', 'tfjs_binding.node');
