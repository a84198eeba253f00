/** Draws the course's faces into the folder named on the command line, and says on stdout how far it is: "12 800". */
import { InputError } from '../../lib/base/errors';
import { DRAWN_COUNT, writeDrawnFaces } from './drawn';

/** Always the same faces: a run's seed draws its split and its order, and nothing else. */
const SEED = 1;

writeDrawnFaces(process.argv[2], { seed: SEED, count: DRAWN_COUNT }, ({ done, total }) => console.log(`${done} ${total}`)).catch(
  (error) => {
    console.error(error instanceof InputError ? error.message : error);
    process.exitCode = 1;
  },
);
