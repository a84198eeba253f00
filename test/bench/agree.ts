/** Whether all subjects compute the same numbers: only then are their times worth comparing. */
import { InputError } from '../../lib/base/errors';
import { type BenchCase, caseTitle, SUBJECT_TITLES, type SubjectName } from './cases';
import type { Proof } from './protocol';

/** Of predictions and of the first step's losses, relative to the larger of 1 and the expected number. */
export const TOLERANCE = 5e-4;

/** Of predictions in bfloat16, which keeps 8 binary digits of a number where float32 keeps 24: other numbers by intent, told beside the speed. */
export const TOLERANCE_IN_BFLOAT16 = 0.02;

const toleranceOf = (subject: SubjectName): number => (subject === 'openvino-bf16' ? TOLERANCE_IN_BFLOAT16 : TOLERANCE);

/**
 * Of the second step's losses. Adam's first step is as long for a gradient that is all rounding as for any other, so what
 * differs in the last bits before it differs visibly after it.
 */
export const TOLERANCE_AFTER_A_STEP = 5e-3;

/**
 * Holds every proof against the first one's. Throws an InputError naming the subject, the number, what was expected and the
 * tolerance; Keras's own MobileNetV2, whose losses are not comparable where its BatchNorms learn, is then held to its
 * predictions alone.
 */
export function requireAgreement(measured: BenchCase, proofs: readonly { readonly subject: SubjectName; readonly proof: Proof }[]): void {
  const [reference, ...others] = proofs;
  for (const { subject, proof } of proofs) {
    if (![...proof.outputs, ...proof.losses.flat()].every(Number.isFinite)) disagree(measured, subject, 'numbers that are not finite');
  }
  for (const { subject, proof } of others) {
    if (proof.losses.length === 0 && reference.proof.losses.length > 0 && subject !== 'keras') disagree(measured, subject, 'no losses');
    compare(proof.outputs, reference.proof.outputs, toleranceOf(subject), (index) => `prediction ${index}`);
    for (const [step, losses] of proof.losses.entries()) {
      const tolerance = step === 0 ? TOLERANCE : TOLERANCE_AFTER_A_STEP;
      compare(losses, reference.proof.losses[step] ?? [], tolerance, (index) => `${['age', 'gender'][index]} loss of step ${step + 1}`);
    }

    function compare(actual: readonly number[], expected: readonly number[], tolerance: number, nameOf: (index: number) => string): void {
      if (actual.length !== expected.length) disagree(measured, subject, `${actual.length} numbers where ${expected.length} are expected`);
      const wrong = actual.findIndex((value, index) => deviation(value, expected[index]) > tolerance);
      if (wrong < 0) return;
      disagree(measured, subject, `${nameOf(wrong)} is ${actual[wrong]}, expected ${expected[wrong]} within ${tolerance}`);
    }
  }
}

/** By how much predictions are off those of `reference` at most, in the measure of the tolerances. */
export function offBy(proof: Proof, reference: Proof): number {
  return Math.max(...proof.outputs.map((value, index) => deviation(value, reference.outputs[index])));
}

function deviation(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
}

function disagree(measured: BenchCase, subject: SubjectName, what: string): never {
  throw new InputError(
    `${caseTitle(measured)}: ${SUBJECT_TITLES[subject]} does not compute what the others do (${what}), so nothing was timed. Run npm run test:full to see which side is wrong.`,
  );
}
