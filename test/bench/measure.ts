/**
 * One case: a process for each subject, all alive at once and only one at work, in rounds that alternate, so that whatever
 * slows the machine for a while slows them all.
 */
import { offBy, requireAgreement } from './agree';
import { type BenchCase, isEpochs, type SubjectName } from './cases';
import { imagesPerRun, type Task, taskOf } from './protocol';
import { SubjectProcess } from './subject-process';
import { leastDisturbed, secondsOfOthers, type TimedRound } from './undisturbed';

export interface Measurement {
  readonly subject: SubjectName;
  /** Of each round. */
  readonly imagesPerSecond: readonly number[];
  /** Of each round: how many cores other work kept busy meanwhile. */
  readonly otherCores: readonly number[];
  readonly peakMemoryBytes: number;
  /** "TensorFlow 2.20.0". */
  readonly runtime: string;
  /** How far its predictions are from this project's, relative to the larger of 1 and the number. */
  readonly offBy: number;
  /** Multiplications and additions for one image, where the subject knows them. */
  readonly operationsPerImage?: number;
}

export interface MeasureOptions {
  readonly folder: string;
  readonly rounds: number;
  /** How long a round should take each subject, at least one run of its work. */
  readonly roundSeconds: number;
  /** How often at most a round is run that other work disturbs; whole epochs, which are long, once. */
  readonly tries: number;
  /** Which Keras subjects XLA compiles in this case. */
  readonly jit: ReadonlySet<SubjectName>;
  readonly onRound: (subject: SubjectName, round: number) => void;
}

export async function measureCase(measured: BenchCase, options: MeasureOptions): Promise<Measurement[]> {
  const processes = measured.subjects.map(
    (subject) => new SubjectProcess(taskOf(measured, subject, options.folder, options.jit.has(subject))),
  );
  try {
    const ready = await Promise.all(processes.map((process) => process.ready()));
    requireAgreement(
      measured,
      ready.map(({ proof }, index) => ({ subject: measured.subjects[index], proof })),
    );
    const times: number[] = [];
    for (const process of processes) times.push(await timesPerRound(process, options.roundSeconds));
    const rounds = await alternate(processes, times, { ...options, tries: isEpochs(measured.name) ? 1 : options.tries });
    return await Promise.all(
      processes.map(async (process, index) => {
        const { proof, runtime, floatingPointOperations } = ready[index];
        return {
          subject: process.task.subject,
          imagesPerSecond: rounds[index].map(({ seconds }) => (imagesPerRun(process.task) * times[index]) / seconds),
          otherCores: rounds[index].map(({ otherCores }) => otherCores),
          peakMemoryBytes: await process.peakMemoryBytes(),
          runtime,
          offBy: offBy(proof, ready[0].proof),
          operationsPerImage: floatingPointOperations && floatingPointOperations / imagesPerRun(process.task),
        };
      }),
    );
  } finally {
    for (const process of processes) process.end();
  }
}

/** Each round begins with another subject. */
async function alternate(
  processes: readonly SubjectProcess[],
  times: readonly number[],
  { rounds, tries, onRound }: Pick<MeasureOptions, 'rounds' | 'tries' | 'onRound'>,
): Promise<TimedRound[][]> {
  const timed: TimedRound[][] = processes.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < processes.length; turn++) {
      const index = (round + turn) % processes.length;
      const process = processes[index];
      onRound(process.task.subject, round);
      timed[index].push(
        await leastDisturbed(
          () => process.run(times[index]),
          tries,
          () => secondsOfOthers(process.pid),
        ),
      );
    }
  }
  return timed;
}

/** Whole epochs are long enough by themselves, and warm since the subject was made ready; anything else warms up here. */
async function timesPerRound(process: SubjectProcess, roundSeconds: number): Promise<number> {
  if (process.task.name !== 'matmul' && isEpochs(process.task.name)) return 1;
  await process.run(1);
  return Math.max(1, Math.round(roundSeconds / (await process.run(1))));
}

/** Billions of operations a second of a matrix product in our engine, round by round. */
export async function measureMatrixProduct(folder: string, rounds: number): Promise<number[]> {
  const anyCase: BenchCase = { name: 'forward', sizePx: 32, batch: 1, subjects: ['ours'] };
  const process = new SubjectProcess({ ...taskOf(anyCase, 'ours', folder), name: 'matmul' });
  try {
    const { floatingPointOperations = 0 } = await process.ready();
    const times = await timesPerRound(process, 0.5);
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) rates.push((floatingPointOperations * times) / (await process.run(times)) / 1e9);
    return rates;
  } finally {
    process.end();
  }
}

/** Images a second of one run under XLA after it has compiled, or undefined where that is not reached in time. */
export async function tryXla(task: Task, limitSeconds: number): Promise<number | undefined> {
  const process = new SubjectProcess({ ...task, jit: true });
  const timer = setTimeout(() => process.end(), 1000 * limitSeconds);
  try {
    await process.ready();
    return imagesPerRun(task) / (await process.run(1));
  } catch {
    return undefined; // out of time, or XLA refuses the graph: either way it is not the faster one
  } finally {
    clearTimeout(timer);
    process.end();
  }
}
