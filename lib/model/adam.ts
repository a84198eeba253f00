/** Adam (Kingma and Ba 2015, arXiv 1412.6980, the form at the end of section 2), with Keras's constants. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/** Weight decay is for kernels: a bias pulled towards 0 would only move the answers (Loshchilov and Hutter 2019, "AdamW"). */
export function decays({ shape }: { readonly shape: readonly (number | null)[] }): boolean {
  return shape.length > 1;
}
