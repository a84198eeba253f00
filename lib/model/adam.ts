/** Adam (Kingma and Ba 2015, arXiv 1412.6980, the form at the end of section 2), with Keras's constants. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
