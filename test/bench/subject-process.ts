/**
 * A subject's process, from the benchmark's side. Each leads a process group of its own, so that whatever it started ends
 * with it; all of them end with the benchmark, Ctrl-C included.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { InputError } from '../../lib/base/errors';
import { projectPath, projectRoot } from '../../lib/base/project';
import { pythonWith } from '../python-venv';
import type { BenchRequest, MemoryAnswer, Ready, RunAnswer, Task } from './protocol';

const running = new Set<ChildProcess>();

export class SubjectProcess {
  private readonly complaints: string[] = [];
  private readonly answers: AsyncIterator<string>;
  private readonly child: ChildProcess;

  constructor(readonly task: Task) {
    endWithUs();
    const [program, ...words] = commandOf(task);
    this.child = spawn(program, [...words, JSON.stringify(task)], {
      cwd: projectRoot(),
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    });
    running.add(this.child);
    this.child.once('close', () => running.delete(this.child));
    this.child.once('error', (error) => this.complaints.push(error.message));
    this.child.stdin?.on('error', () => undefined); // it ended early; its last words tell why
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.complaints.push(text));
    const channel = this.child.stdio[3];
    if (!channel || !('readable' in channel)) throw new Error('The subject has no channel to answer on.');
    this.answers = createInterface({ input: channel as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** 0 where it could not be started, as `ready` will say. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves once it has built its network and computed its proof. */
  ready(): Promise<Ready> {
    return this.next<Ready>();
  }

  /** Runs the task's work so many times over, and says how long that took. */
  async run(times: number): Promise<number> {
    this.ask({ do: 'run', times });
    return (await this.next<RunAnswer>()).seconds;
  }

  async peakMemoryBytes(): Promise<number> {
    this.ask({ do: 'memory' });
    return (await this.next<MemoryAnswer>()).peakMemoryBytes;
  }

  end(): void {
    kill(this.child);
  }

  private ask(request: BenchRequest): void {
    this.child.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  private async next<Answer extends object>(): Promise<Answer> {
    const { value, done } = await this.answers.next();
    const answer: Answer | { readonly error: string } | undefined = done ? undefined : JSON.parse(value);
    if (answer && !('error' in answer)) return answer;
    const { subject, name, sizePx } = this.task;
    const last = answer?.error ?? this.complaints.join('').trim().split('\n').at(-1);
    const killed = 'it was ended from outside; is there enough memory?';
    throw new InputError(`The benchmark's ${subject} (${name}, ${sizePx} px) stopped: ${last || killed}`);
  }
}

function commandOf({ subject }: Task): string[] {
  if (subject.startsWith('keras')) return [pythonWith('keras'), projectPath('test', 'bench', 'keras_subject.py')];
  if (/^(onnxruntime|openvino)/.test(subject)) return [pythonWith('runtimes'), projectPath('test', 'bench', 'runtime_subject.py')];
  return [process.execPath, '--import', 'tsx', projectPath('test', 'bench', 'subject.ts')];
}

function kill(child: ChildProcess): void {
  running.delete(child);
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

let watching = false;

/** Once: no subject outlives this process, however that ends, unless it is killed outright; then they end as their stdin does. */
function endWithUs(): void {
  if (watching) return;
  watching = true;
  process.on('exit', () => [...running].forEach(kill));
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.once(signal, () => process.exit(code));
}
