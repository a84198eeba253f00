/**
 * Makes the page on which a model looks at photos: one HTML file with its code, the networks and WebAssembly inside, so that it also works
 * from disk, where a page may fetch nothing.
 */
import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { InputError } from '../base/errors';
import { readJson, writeFileAtomically } from '../base/files';
import { projectPath } from '../base/project';
import { DETECTOR } from '../faces/detector';
import { MESH } from '../faces/mesh';
import { readNetworkFile, readOpinionFile } from '../faces/open-finder';
import { readLayersFolder, readModelJson } from '../model/layers-folder';
import { loadFacts } from '../model/model-folder';
import type { Provenance } from '../run/provenance';
import type { RunMetrics } from '../training/finish';
import type { About, Headline } from './about';
import { encodeHalf } from './half';

const SOURCE = projectPath('lib', 'demo', 'page');
/** Mail and chat take so much, and a phone opens it. */
const MOST_BYTES = 20e6;

/** A model that has something to show. */
export interface DemoModel {
  /** Name of its run; null for the model that comes with the course. */
  readonly run: string | null;
  readonly folder: string;
  /** What was measured of it; may not be there. */
  readonly metricsFile: string;
}

export const bundledModel = (): DemoModel => {
  const folder = projectPath('data', 'model');
  return { run: null, folder, metricsFile: path.join(folder, 'metrics.json') };
};

/** The model of the run in that folder; undefined where it has none yet. */
export function modelOfRun(runFolder: string): DemoModel | undefined {
  const folder = path.join(runFolder, 'model');
  if (!existsSync(path.join(folder, 'model.json'))) return undefined;
  return { run: path.basename(runFolder), folder, metricsFile: path.join(runFolder, 'metrics.json') };
}

/** Writes the model's page. Throws an InputError where the model cannot be read, or is so large that the page would be. */
export async function writeDemoPage(model: DemoModel, file: string): Promise<void> {
  const script = (await bundle()).replaceAll('</script', '<\\/script');
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
    payload: (await payload(model)).join('\n'),
    script: `<script>${script}</script>`,
  };
  const template = readFileSync(path.join(SOURCE, 'page.html'), 'utf8');
  const page = Buffer.from(template.replace(/<!--(\w+)-->/g, (whole, part: string) => parts[part] ?? whole));
  if (page.length > MOST_BYTES) {
    const [size, most] = [page.length, MOST_BYTES].map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`);
    throw new InputError(`${model.folder}: its page would have ${size}, expected at most ${most}. Show a model with a smaller network.`);
  }
  await writeFileAtomically(file, page);
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(SOURCE, 'main.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
    legalComments: 'none',
  });
  return outputFiles[0].text;
}

async function payload(model: DemoModel): Promise<string[]> {
  const wasm = projectPath('node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist', 'tfjs-backend-wasm-simd.wasm');
  return [
    jsonBlock('about-json', aboutOf(model)),
    ...artifactBlocks('model', await halfArtifacts(model.folder)),
    ...[DETECTOR, MESH].flatMap(({ file }) => artifactBlocks(file, readNetworkFile(file))),
    ...artifactBlocks('opinion', readOpinionFile()),
    bytesBlock('wasm', readFileSync(wasm)),
  ];
}

function aboutOf({ run, folder, metricsFile }: DemoModel): About {
  const { provenance, ...facts } = loadFacts(folder);
  const { data, split, weights } = provenance as Partial<Provenance>;
  const metrics = existsSync(metricsFile) ? readJson<RunMetrics>(metricsFile) : undefined;
  const headline = ({ ageMaeYears, genderAccuracy }: Headline) => ({ ageMaeYears, genderAccuracy });
  const ofPhotos = data && /utk-?face/i.test(data.label) ? 'utkface' : 'own';
  return {
    run,
    ...(data &&
      split && {
        data: {
          kind: data.kind === 'drawn' ? 'drawn' : ofPhotos,
          label: data.label,
          trainingFaces: split.training,
          validationFaces: split.validation,
        },
      }),
    ...(weights && { weights: weights.kind === 'bundled' ? 'bundled' : 'imagenet' }),
    ...(metrics && { result: { model: headline(metrics.validation), baseline: headline(metrics.baseline) } }),
    facts,
  };
}

type Artifacts = ReturnType<typeof readOpinionFile> & { readonly modelTopology?: object };

/** The model with its kernels at half precision: half the size, and answers equal to about three digits. */
async function halfArtifacts(folder: string): Promise<Artifacts> {
  const entries = Object.entries(await readLayersFolder(folder)).map(([name, { shape, values }]) => {
    const half = shape.length > 1;
    return {
      spec: { name, shape: [...shape], dtype: 'float32' as const, ...(half && { quantization: { dtype: 'float16' as const } }) },
      bytes: half ? encodeHalf(values) : new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    };
  });
  const weightData = Uint8Array.from(Buffer.concat(entries.map(({ bytes }) => bytes))).buffer;
  return { modelTopology: readModelJson(folder).modelTopology, weightSpecs: entries.map(({ spec }) => spec), weightData };
}

/** In the page, `artifactsOf(id)`. */
function artifactBlocks(id: string, { weightData, ...json }: Artifacts): string[] {
  return [jsonBlock(`${id}-json`, json), bytesBlock(id, new Uint8Array(weightData))];
}

function jsonBlock(id: string, content: object): string {
  return `<script type="application/json" id="${id}">${JSON.stringify(content).replaceAll('<', '\\u003c')}</script>`;
}

function bytesBlock(id: string, bytes: Uint8Array): string {
  return `<script type="application/octet-stream" id="${id}">${Buffer.from(bytes).toString('base64')}</script>`;
}

/** What lets a policy allow this very text and no other. */
function hashOf(text: string): string {
  return `'sha256-${hash('sha256', text, 'base64')}'`;
}
