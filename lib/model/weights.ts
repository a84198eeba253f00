/**
 * Weights by name, apart from any model, file format or engine: what every reader of pretrained weights returns and what
 * a model takes in. Names are `<layer>/<weight>`, such as `Conv/kernel` or `expanded_conv_depthwise/depthwise_kernel`.
 */
import { createHash } from 'node:crypto';
import { InputError } from '../base/errors';

export interface NamedWeight {
  readonly shape: readonly number[];
  /** Row-major, as many as the shape says. */
  readonly values: Float32Array;
}

export type NamedWeights = Readonly<Record<string, NamedWeight>>;

/** The shape of every weight that a model needs, by name. */
export type WeightShapes = Readonly<Record<string, readonly number[]>>;

/**
 * The weights that a model expects, in its order and no others.
 * `source` is the file they came from. Throws an InputError naming the first weight that is missing, has another shape,
 * or holds a value that is not a finite number.
 */
export function requireWeights(weights: NamedWeights, expectedShapes: WeightShapes, source: string): NamedWeights {
  const result: Record<string, NamedWeight> = {};
  for (const [name, expected] of Object.entries(expectedShapes)) {
    const weight = Object.hasOwn(weights, name) ? weights[name] : undefined;
    const fault = faultOf(weight, expected);
    if (!weight || fault) throw new InputError(`${source}: the weight ${name} ${fault}`);
    result[name] = weight;
  }
  return result;
}

function faultOf(weight: NamedWeight | undefined, expected: readonly number[]): string | undefined {
  if (!weight) return `is missing, expected one of shape ${shapeText(expected)}. ${EXPECTATION}`;
  const { shape, values } = weight;
  if (shape.join() !== expected.join()) return `has the shape ${shapeText(shape)}, expected ${shapeText(expected)}. ${EXPECTATION}`;
  if (values.length !== shapeSize(shape)) return `holds ${values.length} floating-point numbers, expected ${shapeSize(shape)}.`;
  for (let index = 0; index < values.length; index++) {
    // a plain loop: there are millions
    if (!Number.isFinite(values[index])) return `holds ${values[index]} at ${index}, expected finite numbers.`;
  }
}

/** SHA-256 over names, shapes and values: the identity of the weights whatever file they came in. */
export function hashWeights(weights: NamedWeights): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(weights).sort()) {
    const { shape, values } = weights[name];
    hash.update(`${name}:${shape.join('x')}\n`).update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

/** How many values a shape holds; a scalar holds one. */
export function shapeSize(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** "3x3x3x32", "scalar". */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join('x');
}

const EXPECTATION = 'Give the weights of a MobileNetV2 with width 1.0 (a tfjs LayersModel folder, or a Keras .h5 file).';
