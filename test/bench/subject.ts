/** A subject in TypeScript, in a process of its own: `tsx test/bench/subject.ts '<task>'`. See protocol.ts. */
import { readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openEngine } from '../../lib/base/engine';
import { messageOf } from '../../lib/base/errors';
import type { SubjectName } from './cases';
import { openGraph } from './graph';
import { type Inputs, readInputFiles } from './input-files';
import { openOurs } from './ours';
import { type BenchRequest, type MemoryAnswer, type Ready, type RunAnswer, type Task, trains, type Workload } from './protocol';
import { openStock } from './stock';

const OPENERS: Readonly<Partial<Record<SubjectName, (task: Task, inputs: Inputs) => Workload | Promise<Workload>>>> = {
  ours: openOurs,
  graph: openGraph,
  stock: openStock,
};

async function main(task: Task): Promise<void> {
  const open = OPENERS[task.subject];
  if (!open) throw new Error(`${task.subject} is no subject in TypeScript`);
  const predicts = task.subject === 'ours' && task.name === 'forward'; // without TensorFlow, and so in less memory
  const tensorFlow = predicts ? undefined : await openTensorFlow(task);
  const { runtime = tensorFlow ?? 'unknown', ...workload } = await open(task, readInputFiles(task.folder));
  answer({ proof: workload.proof, floatingPointOperations: workload.floatingPointOperations, runtime });
  for await (const line of createInterface({ input: process.stdin })) {
    const request: BenchRequest = JSON.parse(line);
    if (request.do === 'memory') answer({ peakMemoryBytes: peakMemoryBytes() });
    else {
      const startedMs = performance.now();
      for (let time = 0; time < request.times; time++) await workload.run();
      answer({ seconds: (performance.now() - startedMs) / 1000 });
    }
  }
}

/** "TensorFlow 2.20.0". */
async function openTensorFlow(task: Task): Promise<string> {
  const { kind, description } = await openEngine({ training: task.subject === 'ours' && trains(task) });
  if (kind !== 'native') throw new Error(`the native TensorFlow engine is needed, and this is ${description}`);
  return description.split(',')[0];
}

function answer(message: Ready | RunAnswer | MemoryAnswer | { readonly error: string }): void {
  writeSync(3, `${JSON.stringify(message)}\n`);
}

function peakMemoryBytes(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return 1024 * Number(kilobytes);
}

main(JSON.parse(process.argv[2])).then(
  () => process.exit(0), // its stdin has ended: nobody asks any more
  (error: unknown) => {
    answer({ error: messageOf(error) });
    process.exit(1);
  },
);
