/** The forward pass of a LayersModel alone: through the compiled graph on the native engine, else by tfjs's layers. */
import * as tf from '@tensorflow/tfjs';
import { batchParts, openEngine } from '../base/engine';
import { GraphBuilder } from '../graph/builder';
import { writeLayers } from '../graph/layers';
import { GraphSession, once, repeated, timesOver } from '../graph/session';
import { Tape } from '../graph/tape';
import { preprocess } from '../images/preprocess';
import { readWeights } from './layer-weights';
import { shapeSize } from './weights';

export interface Forward {
  /** One flat array for each output of the model, in its order. uint8 inputs are pixels in [0, 255]. */
  run(inputs: Uint8Array | Float32Array): Float32Array[];
  dispose(): void;
}

/** From so many runs on, compiling the graph, a quarter of a second, pays for itself. */
const RUNS_WORTH_COMPILING = 4;

/** Graphs hold a copy of the weights; the caller disposes the result, keeps the model until then, and disposes that too. */
export async function openForward(model: tf.LayersModel, expectedRuns = Number.POSITIVE_INFINITY): Promise<Forward> {
  const compile = (await openEngine()).kind === 'native' && expectedRuns >= RUNS_WORTH_COMPILING;
  return compile ? graphForward(model) : layersForward(model);
}

/** The weights are constants of the graph: libtensorflow then brings them into the order that its kernels want once, not in every run. */
function graphForward(model: tf.LayersModel): Forward {
  const graph = new GraphBuilder();
  const weights = readWeights(model);
  const parts = batchParts();
  const hold = (name: string, shape: readonly number[]) => {
    return { shape, value: graph.floats(weights[name].values, shape, { name: `weight/${name}` }) };
  };
  const { input, outputs } = writeLayers(new Tape(graph), model, hold, parts);
  const shape = model.inputs[0].shape.slice(1) as number[];
  const session = new GraphSession(graph.nodes);
  return {
    run: (values) => {
      const count = values.length / shapeSize(shape);
      const times = timesOver(count, parts);
      const feed = { name: input, shape: [times * count, ...shape], values: repeated(values, times) };
      return session.run([feed], [...outputs.values()]).map((output) => once(output, times));
    },
    dispose: () => session.dispose(),
  };
}

function layersForward(model: tf.LayersModel): Forward {
  const shape = model.inputs[0].shape.slice(1) as number[];
  return {
    run: (values) =>
      tf.tidy(() => {
        const input = tf.tensor(values instanceof Uint8Array ? preprocess(values) : values, [values.length / shapeSize(shape), ...shape]);
        const outputs = model.apply(input);
        return (Array.isArray(outputs) ? outputs : [outputs]).map((output) => Float32Array.from((output as tf.Tensor).dataSync()));
      }),
    dispose: () => undefined,
  };
}
