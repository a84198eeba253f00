/** Trains small runs as a person would, kills them at seeded moments, and compares what they leave. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readJson } from '../lib/base/files';
import { projectPath, projectRoot } from '../lib/base/project';
import type { Random } from '../lib/base/random';
import type { Settings } from '../lib/config';
import { openRunFolder } from '../lib/run/run';
import { finishedHistory, readProgress, readSafetensors } from '../lib/training/checkpoint';
import { finishedMetrics } from '../lib/training/finish';
import type { EpochRecord } from '../lib/training/history';
import { runCommand, succeeded } from './command';

/** All that a recipe can make random or carry along: augmentation, a distribution head, averages, warm-up, cosine, cool-down. */
export const SMALL_BEST: Settings = {
  preset: 'best',
  imageSize: 48,
  batchSize: 16,
  limit: 80,
  epochs: 2,
  emaDecay: 0.9,
  schedule: { warmUpSteps: 3 },
  coolDown: { epochs: 1 },
  augmentation: { cropPx: 32, mixup: 0.3 },
};

export type Phase = 'before the first checkpoint' | 'within an epoch' | 'between epochs' | 'between sessions' | 'finishing' | 'finished';

export function writeSettings(folder: string, settings: Settings): string {
  const file = path.join(folder, 'settings.json');
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

export function removeRuns(names: readonly string[]): void {
  for (const name of names) rmSync(projectPath('outputs', name), { recursive: true, force: true });
}

/** Where the run's folder says that it stands. */
export function phaseOf(name: string): Phase {
  const run = openRunFolder(name);
  if (finishedMetrics(run)) return 'finished';
  if (finishedHistory(run, 2)) return 'finishing';
  const checkpoint = readProgress(run, 2) ?? readProgress(run, 1);
  if (!checkpoint) return 'before the first checkpoint';
  if (checkpoint.within) return 'within an epoch';
  return checkpoint.epoch === run.config.sessions[checkpoint.session - 1].epochs ? 'between sessions' : 'between epochs';
}

/** How far its checkpoints have come. */
export function placeOf(name: string): unknown {
  const run = openRunFolder(name);
  return [1, 2].map((session) => readProgress(run, session)).map((progress) => progress && [progress.epoch, progress.within]);
}

/** What the command says just before a moment that is worth a kill; `undefined` for its start. */
export type Moment = RegExp | undefined;

/**
 * Starts the command behind `npm run train` and kills it with SIGKILL, at a random time of at most `withinMs` after the
 * moment. Returns whether it was killed; it may have ended before.
 */
export async function killAfter(moment: Moment, words: readonly string[], random: Random, withinMs = 500): Promise<boolean> {
  const delayMs = withinMs * random();
  const child = spawn(process.execPath, ['--import', 'tsx', 'lib/tools/cli/main.ts', 'train', ...words], {
    cwd: projectRoot(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let armed = false;
  const kill = () => {
    if (!armed) setTimeout(() => child.kill('SIGKILL'), delayMs);
    armed = true;
  };
  if (moment === undefined) kill();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      if (
        moment &&
        text
          .toString()
          .split(/[\r\n]+/)
          .some((line) => moment.test(line))
      )
        kill();
    });
  }
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.once('close', (...end) => resolve(end)));
  assert.ok(signal === 'SIGKILL' || code === 0, `ended by itself with ${code}`);
  return signal === 'SIGKILL';
}

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly said: string;
}

/** Starts a command in a group of its own, and sends the signal to the whole group once a line matches. */
export async function signalled([program, ...words]: readonly string[], line: RegExp, signal: NodeJS.Signals): Promise<Ending> {
  const child = spawn(program, words, { cwd: projectRoot(), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  let sent = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      said += text.toString();
      if (sent || !line.test(said)) return;
      sent = true;
      process.kill(-(child.pid ?? 0), signal);
    });
  }
  const [code, by] = await new Promise<[number | null, string | null]>((resolve) => child.once('close', (...end) => resolve(end)));
  return { code, signal: by, said };
}

/** Trains a run to its end by one undisturbed command. */
export function finish(words: readonly string[]): void {
  succeeded(runCommand(['train', ...words]));
}

/** Asserts that two finished runs hold the same bytes: model, best epoch, both checkpoints and history, timings apart. */
export function assertSameRuns(name: string, other: string): void {
  assert.deepEqual(epochs(name), epochs(other));
  for (const file of ['model/weights.bin', 'model/split-hashes.json', 'checkpoints/best.safetensors', 'split.json']) {
    assert.ok(bytes(name, file).equals(bytes(other, file)), `${file} of ${name} is that of ${other}`);
  }
  for (const session of [1, 2]) {
    const [ours, theirs] = [name, other].map((run) => readSafetensors(outputFile(run, `checkpoints/session-${session}.safetensors`)));
    assert.deepEqual(Object.keys(ours.arrays), Object.keys(theirs.arrays));
    for (const [array, { values }] of Object.entries(ours.arrays)) {
      assert.ok(Buffer.from(values.buffer).equals(Buffer.from(theirs.arrays[array].values.buffer)), `${array} of session ${session}`);
    }
    assert.equal(ours.metadata.updates, theirs.metadata.updates);
    assert.equal(ours.metadata.epoch, theirs.metadata.epoch);
  }
  const halfWritten = readdirSync(projectPath('outputs', name), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.includes('.part'),
  );
  assert.deepEqual(halfWritten, []);
}

export function epochs(name: string): unknown[] {
  return readJson<EpochRecord[]>(outputFile(name, 'history.json')).map(({ seconds: _, imagesPerSecond: __, ...rest }) => rest);
}

function bytes(name: string, file: string): Buffer {
  return readFileSync(outputFile(name, file));
}

function outputFile(name: string, file: string): string {
  return path.join(projectPath('outputs', name), file);
}
