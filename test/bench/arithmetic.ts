/** How much arithmetic a network costs, from the shapes of its layers: a multiplication with an addition counts as two operations. */
import type { LayerDescription } from '../../lib/model/layer-weights';

type Cost = Pick<LayerDescription, 'layer' | 'multiplyAdds'>;

/** Of the forward pass over one image. */
export function forwardOperations(layers: readonly Cost[]): number {
  return 2 * layers.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
}

/**
 * Of one image's share of a training step. The gradient of a layer's weights costs as much as its forward pass, and so does
 * the gradient of its input, which only layers behind the first trained one need. `layers` in the network's order.
 */
export function stepOperations(layers: readonly Cost[], trainable: (layerName: string) => boolean): number {
  const costly = layers.filter(({ multiplyAdds }) => multiplyAdds > 0);
  const first = costly.findIndex(({ layer }) => trainable(layer));
  const behind = first < 0 ? [] : costly.slice(first + 1);
  return forwardOperations(costly) + forwardOperations(costly.filter(({ layer }) => trainable(layer))) + forwardOperations(behind);
}
