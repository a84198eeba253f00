/** The weights, networks, images, features and labels that all subjects read: written once, to a folder that goes away at the end. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openRuntime } from '../../lib/base/engine';
import { buildFaceModel } from '../../lib/model/face-model';
import { writeWeights } from '../../lib/model/layer-weights';
import { onnxOf } from '../../lib/model/onnx';
import type { NamedWeights } from '../../lib/model/weights';
import { readSafetensors, writeSafetensors } from '../../lib/training/checkpoint';
import { seededBase, seededFeatures, seededHeads, seededImages, seededLabels } from './seeded';

const WEIGHTS = 'weights.safetensors';

export interface InputFiles {
  readonly folder: string;
  remove(): void;
}

/** `imagesBySize` says how many images of each side, in px, are wanted; `faces` how many labels and feature vectors. */
export async function writeInputFiles(imagesBySize: ReadonlyMap<number, number>, faces: number): Promise<InputFiles> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'faces-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    await openRuntime(); // networks need some arithmetic to be built on
    const weights = { ...seededBase(), ...seededHeads() };
    await writeSafetensors(path.join(folder, WEIGHTS), weights, {});
    for (const [sizePx, count] of imagesBySize) {
      writeFileSync(path.join(folder, imagesName(sizePx)), seededImages(count, sizePx));
      writeFileSync(path.join(folder, `network-${sizePx}.onnx`), networkOf(sizePx, weights));
    }
    const { ages, genders } = seededLabels(faces);
    writeFileSync(path.join(folder, 'ages.f32'), ages);
    writeFileSync(path.join(folder, 'genders.i32'), genders);
    writeFileSync(path.join(folder, 'features.f32'), seededFeatures(faces));
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The first `count` of everything. */
export function readInputFiles(folder: string) {
  const bytes = (name: string): Uint8Array => Uint8Array.from(readFileSync(path.join(folder, name)));
  return {
    weights: (): NamedWeights => readSafetensors(path.join(folder, WEIGHTS)).arrays,
    /** `[count, sizePx, sizePx, 3]`. */
    images: (sizePx: number, count: number): Uint8Array => bytes(imagesName(sizePx)).slice(0, count * sizePx * sizePx * 3),
    labels: (count: number) => ({
      ages: new Float32Array(bytes('ages.f32').buffer, 0, count),
      genders: new Int32Array(bytes('genders.i32').buffer, 0, count),
    }),
    /** `[count, 1280]`. */
    features: (count: number): Float32Array => new Float32Array(bytes('features.f32').buffer, 0, count * 1280),
  };
}

export type Inputs = ReturnType<typeof readInputFiles>;

/** As an ONNX file, for what reads those. */
function networkOf(sizePx: number, weights: NamedWeights): Uint8Array {
  const model = buildFaceModel(sizePx, weights);
  writeWeights(model.full, weights);
  const bytes = onnxOf(model.full);
  model.full.dispose();
  return bytes;
}

function imagesName(sizePx: number): string {
  return `images-${sizePx}.u8`;
}
