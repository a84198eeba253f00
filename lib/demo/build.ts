/**
 * Makes the page on which a model looks at photos: one HTML file with its code, the networks and WebAssembly inside, so that it also works
 * from disk, where a page may fetch nothing.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { writeFileAtomically } from '../base/files';
import { projectPath } from '../base/project';
import { DETECTOR } from '../faces/detector';
import { MESH } from '../faces/mesh';
import { readNetworkFile } from '../faces/open-finder';
import { readLayersFolder, readModelJson } from '../model/layers-folder';
import { loadFacts } from '../model/model-folder';
import { encodeHalf } from './half';

const SOURCE = projectPath('lib', 'demo', 'page');

/** Writes the page for the model in `modelFolder`. */
export async function writeDemoPage(modelFolder: string, file: string): Promise<void> {
  const built = buildSync({
    entryPoints: [path.join(SOURCE, 'main.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
    legalComments: 'none',
  });
  const script = built.outputFiles[0].text.replaceAll('</script', '<\\/script');
  const style = readFileSync(path.join(SOURCE, 'page.css'), 'utf8');
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)} 'wasm-unsafe-eval'`,
    `style-src ${hashOf(style)}`,
    'img-src blob: data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts: Readonly<Record<string, string>> = {
    policy,
    style: `<style>${style}</style>`,
    payload: [...(await modelBlocks(modelFolder)), ...[DETECTOR, MESH].flatMap((network) => networkBlocks(network.file)), wasmBlock()].join(
      '\n',
    ),
    script: `<script>${script}</script>`,
  };
  const page = readFileSync(path.join(SOURCE, 'page.html'), 'utf8');
  await writeFileAtomically(
    file,
    page.replace(/<!--(\w+)-->/g, (whole, part: string) => parts[part] ?? whole),
  );
}

/** The model with its kernels at half precision: half the size, and answers equal to about three digits. */
async function modelBlocks(folder: string): Promise<string[]> {
  const { modelTopology } = readModelJson(folder);
  const entries = Object.entries(await readLayersFolder(folder)).map(([name, { shape, values }]) => {
    const half = shape.length > 1;
    const quantization = half ? { quantization: { dtype: 'float16' } } : {};
    return {
      spec: { name, shape, dtype: 'float32', ...quantization },
      bytes: half ? encodeHalf(values) : new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    };
  });
  const { provenance: _, ...facts } = loadFacts(folder);
  const json = { modelTopology, weightSpecs: entries.map(({ spec }) => spec), facts };
  return [jsonBlock('model-json', json), bytesBlock('model', Buffer.concat(entries.map(({ bytes }) => bytes)))];
}

function networkBlocks(file: string): string[] {
  const { weightData, ...json } = readNetworkFile(file);
  return [jsonBlock(`${file}-json`, json), bytesBlock(file, new Uint8Array(weightData))];
}

function wasmBlock(): string {
  return bytesBlock(
    'wasm',
    readFileSync(projectPath('node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist', 'tfjs-backend-wasm-simd.wasm')),
  );
}

function jsonBlock(id: string, content: object): string {
  return `<script type="application/json" id="${id}">${JSON.stringify(content).replaceAll('<', '\\u003c')}</script>`;
}

function bytesBlock(id: string, bytes: Uint8Array): string {
  return `<script type="application/octet-stream" id="${id}">${Buffer.from(bytes).toString('base64')}</script>`;
}

/** What lets a policy allow this very text and no other. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
