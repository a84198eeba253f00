/** A subject in TypeScript, in a process of its own: `tsx test/bench/subject.ts '<task>'`. See protocol.ts. */
import { readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openEngine } from '../../lib/base/engine';
import { messageOf } from '../../lib/base/errors';
import { readInputFiles } from './input-files';
import { openOurs } from './ours';
import { type BenchRequest, type MemoryAnswer, type Ready, type RunAnswer, type Task, trains } from './protocol';
import { openStock } from './stock';

async function main(task: Task): Promise<void> {
  const { kind, description } = await openEngine({ training: task.subject === 'ours' && trains(task) });
  if (kind !== 'native') throw new Error(`the native TensorFlow engine is needed, and this is ${description}`);
  const inputs = readInputFiles(task.folder);
  const workload = await (task.subject === 'ours' ? openOurs : openStock)(task, inputs);
  const { proof, floatingPointOperations } = workload;
  answer({ proof, floatingPointOperations, tensorflow: /TensorFlow ([\w.-]+)/.exec(description)?.[1] ?? 'unknown' });
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
