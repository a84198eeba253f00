/**
 * A tape that keeps notes, for notebook 2: the same record and the same walk back that the training graph is made with, and
 * tables that show what was recorded and which node each rule added.
 */
import { GraphBuilder, type TensorName } from '../graph/builder';
import { DT } from '../graph/proto';
import { Tape } from '../graph/tape';
import { tableHtml } from '../pages/html';

type RecordedInputs = Parameters<Tape['record']>[1];

/** One operation on the tape: its output and what it was made from. */
export interface RecordedOperation {
  readonly output: TensorName;
  readonly inputs: readonly TensorName[];
}

/** One rule as it was applied: `gradient` is the tensor that it made for `input` from `outputGradient`. */
export interface AppliedRule {
  readonly output: TensorName;
  readonly input: TensorName;
  /** Which input of the operation it is, from 0. */
  readonly position: number;
  readonly outputGradient: TensorName;
  readonly gradient: TensorName;
}

/** The state: notes beside the tape's own record, in the order in which things happened. */
export class WatchedTape extends Tape {
  readonly operations: RecordedOperation[] = [];
  readonly walk: AppliedRule[] = [];

  constructor() {
    super(new GraphBuilder());
  }

  override record(output: TensorName, inputs: RecordedInputs): TensorName {
    this.operations.push({ output, inputs: inputs.map(([input]) => input) });
    const watched: RecordedInputs = inputs.map(([input, rule], position) => [
      input,
      (outputGradient) => {
        const gradient = rule(outputGradient);
        this.walk.push({ output, input, position, outputGradient, gradient });
        return gradient;
      },
    ]);
    return super.record(output, watched);
  }
}

/** A tensor that is fed: its name in the graph, its shape, and its numbers row by row. */
export interface FedTensor {
  readonly value: TensorName;
  readonly shape: readonly number[];
  readonly numbers: readonly number[];
}

/** A list, or the rows of a matrix. */
export type Numbers = readonly number[] | readonly (readonly number[])[];

/** A placeholder for each entry of `numbers`, under its name. */
export function placeholders<Name extends string>({ graph }: Tape, numbers: Readonly<Record<Name, Numbers>>): Record<Name, FedTensor> {
  const made = Object.entries<Numbers>(numbers).map(([name, rows]) => {
    const shape = isMatrix(rows) ? [rows.length, rows[0].length] : [rows.length];
    return [name, { value: graph.placeholder(name, DT.float, shape), shape, numbers: rows.flat() }];
  });
  return Object.fromEntries(made);
}

function isMatrix(rows: Numbers): rows is readonly (readonly number[])[] {
  return Array.isArray(rows[0]);
}

/** The rules of the notebook's operations in words, for each input; g is the gradient that arrives at the output. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  MatMul: ['g · (second input)ᵀ', '(first input)ᵀ · g'],
  BiasAdd: ['g, as it came', 'ones · g, the sum over the examples'],
  Relu6: ['g where 0 < output < 6, elsewhere 0'],
  Square: ['2 · (answer - target) · g'],
};

/** What the tape holds after the forward pass, first to last: each operation's node and its inputs. */
export function recordTable({ operations }: WatchedTape): string {
  const rows = operations.map(({ output, inputs }) => [label(output), inputs.map(label).join(', ')]);
  return tableHtml(['operation', 'made from'], rows);
}

/** The walk back, in its order: for each rule applied, the operation, the input it is for, and the node that it added. */
export function walkTable({ walk }: WatchedTape): string {
  const rows = walk.map(({ output, input, position, outputGradient, gradient }) => {
    const rule = RULES[operationOf(output)]?.[position] ?? '';
    return [label(output), label(outputGradient), label(input), rule, label(gradient)];
  });
  return tableHtml(['operation', 'g, its gradient', 'passed on to', 'rule', 'gradient node'], rows);
}

/** "MatMul_6" from "MatMul_6:0". */
function label(tensor: TensorName): string {
  return tensor.replace(/:0$/, '');
}

/** "MatMul" from "MatMul_6:0". */
function operationOf(tensor: TensorName): string {
  return tensor.replace(/_\d+:0$/, '');
}
