/**
 * A tape that keeps notes, for notebook 2: the same record and the same walk back that the training graph is made with, and
 * tables that show what was recorded and which node each rule added.
 */
import { openEngine } from '../base/engine';
import { FLOAT, GraphBuilder, type TensorName } from '../graph/builder';
import { GraphSession } from '../graph/session';
import { type GradientRules, Tape } from '../graph/tape';
import { tableHtml } from '../pages/html';

/** One rule as it was applied: `gradient` is the tensor that it made for `input` from `outputGradient`. */
export interface AppliedRule {
  readonly output: TensorName;
  readonly input: TensorName;
  /** Which input of the operation it is, from 0. */
  readonly position: number;
  readonly outputGradient: TensorName;
  readonly gradient: TensorName;
}

/** A tensor that is fed: its name in the graph, its shape, and its numbers row by row. */
export interface FedTensor {
  readonly value: TensorName;
  readonly shape: readonly number[];
  readonly numbers: readonly number[];
}

/** A list, or the rows of a matrix. */
type Rows = readonly (number | readonly number[])[];

/** Feeds tensors and fetches others, in one call. Each result is row by row. */
export type Evaluate = (fed: Readonly<Record<string, FedTensor>>, fetches: readonly TensorName[]) => number[][];

/** The rules of the notebook's operations in words, for each input; g is the gradient that arrives at the output. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  MatMul: ['g · (second input)ᵀ', '(first input)ᵀ · g'],
  BiasAdd: ['g, as it came', 'ones · g, the sum over the examples'],
  Relu6: ['g where 0 < output < 6, elsewhere 0'],
  Square: ['2 · (answer - target) · g'],
};

/** The state: notes beside the tape's own record, in the order in which things happened. */
export class WatchedTape extends Tape {
  readonly operations: { readonly output: TensorName; readonly inputs: readonly TensorName[] }[] = [];
  readonly walk: AppliedRule[] = [];

  constructor() {
    super(new GraphBuilder());
  }

  /** A placeholder for each entry, under its name. */
  placeholders<Name extends string>(entries: Readonly<Record<Name, Rows>>): Record<Name, FedTensor> {
    const made = Object.entries<Rows>(entries).map(([name, rows]) => {
      const [first] = rows;
      const shape = typeof first === 'number' ? [rows.length] : [rows.length, first.length];
      return [name, { value: this.graph.placeholder(name, FLOAT, shape), shape, numbers: rows.flat() }];
    });
    return Object.fromEntries(made);
  }

  override record(output: TensorName, inputs: GradientRules): TensorName {
    this.operations.push({ output, inputs: inputs.map(([input]) => input) });
    const watched = inputs.map(([input, rule], position): GradientRules[number] => {
      const noting = (outputGradient: TensorName) => {
        const gradient = rule(outputGradient);
        this.walk.push({ output, input, position, outputGradient, gradient });
        return gradient;
      };
      return [input, noting];
    });
    return super.record(output, watched);
  }

  /** What the tape holds after the forward pass, first to last: each operation's node and its inputs. */
  recordTable(): string {
    const rows = this.operations.map(({ output, inputs }) => [label(output), inputs.map(label).join(', ')]);
    return tableHtml(['operation', 'made from'], rows);
  }

  /** The walk back, in its order: for each rule applied, the operation, the input it is for, and the node that it added. */
  walkTable(): string {
    const rows = this.walk.map(({ output, input, position, outputGradient, gradient }) => {
      const rule = RULES[label(output).replace(/_\d+$/, '')]?.[position] ?? '';
      return [label(output), label(outputGradient), label(input), rule, label(gradient)];
    });
    return tableHtml(['operation', 'g, its gradient', 'passed on to', 'rule', 'gradient node'], rows);
  }

  /**
   * Hands the graph to TensorFlow; the session lives as long as the process. Without the native engine there is nobody to
   * run it: then the answer is undefined, and a line says so.
   */
  async open(): Promise<Evaluate | undefined> {
    if ((await openEngine()).kind !== 'native') {
      console.log('WebAssembly runs no graphs: the numbers of this section need the native engine (npm run doctor says what is missing).');
      return undefined;
    }
    const session = new GraphSession(this.graph.nodes);
    return (fed, fetches) => {
      const feeds = Object.values(fed).map(({ value, shape, numbers }) => ({ name: value, shape, values: Float32Array.from(numbers) }));
      return session.run(feeds, fetches).map((values) => Array.from(values));
    };
  }
}

/** The same tensor with `change` added to one of its numbers, counted from 0 row by row. */
export function nudged(tensor: FedTensor, index: number, change: number): FedTensor {
  return { ...tensor, numbers: tensor.numbers.map((number, at) => (at === index ? number + change : number)) };
}

/** Each weight beside its gradient, both as rows in brackets. */
export function gradientTable(weights: Readonly<Record<string, FedTensor>>, gradients: readonly (readonly number[])[]): string {
  const rows = Object.entries(weights).map(([name, { shape, numbers }], index) => {
    return [name, bracketed(numbers, shape), bracketed(gradients[index], shape)];
  });
  return tableHtml(['weight', 'its numbers', 'their gradients'], rows);
}

/** "[1, 2]" or "[[1], [2]]". */
function bracketed(numbers: readonly number[], [height, width]: readonly number[]): string {
  const rounded = numbers.map((number) => Number(number.toPrecision(4)));
  const rows = Array.from({ length: height }, (_, row) => rounded.slice(row * width, (row + 1) * width));
  return JSON.stringify(width === undefined ? rounded : rows).replace(/,/g, ', ');
}

/** "MatMul_6" from "MatMul_6:0". */
function label(tensor: TensorName): string {
  return tensor.replace(/:0$/, '');
}
