/** The network as one TensorFlow graph in a session of libtensorflow: what runs it quickest through tfjs-node. */
import type * as tf from '@tensorflow/tfjs';
import { GraphBuilder } from '../../lib/graph/builder';
import { writeLayers } from '../../lib/graph/layers';
import { GraphSession } from '../../lib/graph/session';
import { Tape } from '../../lib/graph/tape';
import { buildFaceModel } from '../../lib/model/face-model';
import { readWeights, writeWeights } from '../../lib/model/layer-weights';
import type { Inputs } from './input-files';
import type { Task, Workload } from './protocol';

/** Forward passes alone. */
export function openGraph({ sizePx, batch }: Task, inputs: Inputs): Workload {
  const { full } = buildFaceModel(sizePx, inputs.weights());
  writeWeights(full, inputs.weights());
  const forward = graphForward(full);
  const feed = { shape: [batch, sizePx, sizePx, 3], values: inputs.images(sizePx, batch) };
  return { proof: { outputs: forward(feed).flatMap((output) => [...output]), losses: [] }, run: () => void forward(feed) };
}

/** The weights are constants of the graph: libtensorflow then brings them into the order that its kernels want once, not in every run. */
function graphForward(model: tf.LayersModel) {
  const graph = new GraphBuilder();
  const weights = readWeights(model);
  const hold = (name: string, shape: readonly number[]) => {
    return { shape, value: graph.floats(weights[name].values, shape, { name: `weight/${name}` }) };
  };
  const { input, outputs } = writeLayers(new Tape(graph), model, hold);
  const session = new GraphSession(graph.nodes);
  return (feed: { readonly shape: readonly number[]; readonly values: Uint8Array }): Float32Array[] =>
    session.run([{ name: input, ...feed }], [...outputs.values()]);
}
