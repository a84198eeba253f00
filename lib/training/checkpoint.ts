/**
 * What a session leaves behind after each epoch and every few minutes: weights, Adam's moments, and where it stood. The files
 * are safetensors (a length, a JSON header, raw little-endian float32), so that Python and others can open them too.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import path from 'node:path';
import { attempt, InputError } from '../base/errors';
import { writeFileAtomically } from '../base/files';
import { type NamedWeight, type NamedWeights, shapeSize, shapeText } from '../model/weights';
import type { Run } from '../run/run';
import type { EpochPosition } from './epoch';
import { keptWeights, type TrainingState, untrained } from './graph-step';
import type { Baselines, EpochMetrics, EpochRecord, History } from './history';

/** Where a session stands, and all that it has learned until then. */
export interface Checkpoint {
  readonly session: number;
  /** Epochs of the session that are done. */
  readonly epoch: number;
  /** How far the next epoch has come; null at an epoch's end. */
  readonly within: EpochPosition | null;
  /** Every epoch of the run so far. */
  readonly history: History;
  readonly state: TrainingState;
}

/** The parts of a state, and what their arrays' names begin with in the file. */
const PREFIXES = { weights: 'weights/', firstMoments: 'firstMoments/', secondMoments: 'secondMoments/', ema: 'averages/' } as const;
const PARTS = ['weights', 'firstMoments', 'secondMoments', 'ema'] as const;

export function checkpointFile(run: Run, session: number): string {
  return path.join(run.folder, 'checkpoints', `session-${session}.safetensors`);
}

/**
 * Takes the place of the session's checkpoint before it, and of those of later sessions, which had gone on from that. Throws
 * an InputError naming the file, the reason and what to do where it cannot be written; what was there stays then.
 */
export async function writeCheckpoint(run: Run, checkpoint: Checkpoint): Promise<void> {
  const { session, epoch, within, history, state } = checkpoint;
  const arrays = PARTS.flatMap((part) => Object.entries(state[part]).map(([name, array]) => [PREFIXES[part] + name, array] as const));
  const metadata = {
    session: String(session),
    epoch: String(epoch),
    updates: JSON.stringify(state.updates),
    within: JSON.stringify(within),
    history: JSON.stringify(history),
  };
  try {
    await writeSafetensors(checkpointFile(run, session), Object.fromEntries(arrays), metadata);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${error.message} The checkpoint before it is as it was. To go on: npm run train -- --run ${run.name}`);
  }
  for (let later = session + 1; later <= run.config.sessions.length; later++) rmSync(checkpointFile(run, later), { force: true });
}

/** Where the session was last saved, without what it has learned; undefined before that. Throws an InputError for a file that is no checkpoint of it. */
export function readProgress(run: Run, session: number): Omit<Checkpoint, 'state'> | undefined {
  const file = checkpointFile(run, session);
  if (!existsSync(file)) return undefined;
  const { metadata } = readSafetensors(file, { metadataOnly: true });
  try {
    if (Number(metadata.session) !== session || !Number.isInteger(Number(metadata.epoch))) throw new RangeError('session');
    const [within, history] = [JSON.parse(metadata.within ?? 'null'), JSON.parse(metadata.history)];
    return { session, epoch: Number(metadata.epoch), within, history };
  } catch {
    throw new InputError(`${file}: not a checkpoint of session ${session}. Delete it and train the session again.`);
  }
}

/** All that was saved. */
export function readCheckpoint(run: Run, session: number): Checkpoint | undefined {
  const progress = readProgress(run, session);
  if (!progress) return undefined;
  const { arrays, metadata } = readSafetensors(checkpointFile(run, session));
  const [weights, firstMoments, secondMoments, ema] = PARTS.map((part) => {
    const entries = Object.entries(arrays).filter(([name]) => name.startsWith(PREFIXES[part]));
    return Object.fromEntries(entries.map(([name, array]) => [name.slice(PREFIXES[part].length), array]));
  });
  return { ...progress, state: { weights, firstMoments, secondMoments, ema, updates: JSON.parse(metadata.updates) } };
}

/** The epochs of a session that has all of them; undefined where it has not. */
export function finishedHistory(run: Run, session: 1 | 2): History | undefined {
  const progress = readProgress(run, session);
  if (progress?.epoch !== run.config.sessions[session - 1].epochs) return undefined;
  return progress.history.filter((record) => record.session === session);
}

/** The end of a session that has all its epochs. Throws an InputError, naming the notebook that trains it, where it has not. */
export function finishedSession(run: Run, session: 1 | 2): Checkpoint {
  const checkpoint = finishedHistory(run, session) && readCheckpoint(run, session);
  if (checkpoint) return checkpoint;
  const notebook = `notebooks/0${session + 2}-train-session-${session}.ipynb`;
  throw new InputError(`${run.folder}: session ${session} is not finished. Run ${notebook} first (or npm run train).`);
}

/**
 * Where a session that is not finished, or is to be trained anew, begins: where it was left, else where the one before it
 * ended, else with `firstWeights`. Throws an InputError naming the file if the network has other weights than it holds.
 */
export function startOf(run: Run, session: 1 | 2, firstWeights: NamedWeights): Checkpoint {
  const left = finishedHistory(run, session) ? undefined : readCheckpoint(run, session);
  if (!left && session === 1) return { session, epoch: 0, within: null, history: [], state: untrained(firstWeights) };
  const from = left ?? finishedSession(run, 1);
  requireFitting(checkpointFile(run, from.session), from.state, firstWeights);
  return left ?? { ...from, session, epoch: 0, within: null };
}

function requireFitting(file: string, state: TrainingState, network: NamedWeights): void {
  const misfit = (what: string) =>
    new InputError(`${file}: does not fit this run's network (${what}). Delete it and train its session again.`);
  const missing = Object.keys(network).find((name) => !(name in state.weights));
  if (missing !== undefined) throw misfit(`${missing} is missing`);
  for (const [name, { shape }] of PARTS.flatMap((part) => Object.entries(state[part]))) {
    if (!(name in network)) throw misfit(`${name} is not one of its weights`);
    const expected = shapeText(network[name].shape);
    if (shapeText(shape) !== expected) throw misfit(`${name} has the shape ${shapeText(shape)}, expected ${expected}`);
  }
}

/**
 * Keeps in `checkpoints/best.safetensors` the weights of the run's best epoch, to look at and compare: those of `state`, which
 * the history's last epoch has judged, where none before was better. What a run ships is its last epoch all the same: one
 * chosen for what it scored on the validation side would flatter itself there, as that side would have helped to choose it.
 */
export async function keepIfBest(run: Run, history: History, baselines: Baselines, state: TrainingState): Promise<void> {
  // Always giving the constant answers scores 2, and both heads have an equal say whatever is minimised.
  const measure = ({ ageMaeYears, genderLoss }: EpochMetrics) => ageMaeYears / baselines.ageMaeYears + genderLoss / baselines.genderLoss;
  const file = path.join(run.folder, 'checkpoints', 'best.safetensors');
  const { session, epoch, validation } = history[history.length - 1];
  const kept = attempt(() => readSafetensors(file, { metadataOnly: true }).metadata); // none yet, or one that cannot be read
  const isKept = (record: EpochRecord) => String(record.session) === kept?.session && String(record.epoch) === kept.epoch;
  const best = history.slice(0, -1).find(isKept); // not there where its session is trained anew
  if (!Number.isFinite(measure(validation)) || (best && measure(best.validation) <= measure(validation))) return;
  const metadata = {
    session: String(session),
    epoch: String(epoch),
    measure: 'validation age MAE / its baseline + validation gender loss / its baseline',
    validation: JSON.stringify(validation),
  };
  await writeSafetensors(file, keptWeights(state), metadata);
}

type Metadata = Readonly<Record<string, string>>;

interface Entry {
  readonly dtype: 'F32';
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

export async function writeSafetensors(file: string, arrays: NamedWeights, metadata: Metadata): Promise<void> {
  const header: Record<string, Entry | Metadata> = { __metadata__: metadata };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, values }] of Object.entries(arrays)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    offset += values.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  await writeFileAtomically(file, Buffer.concat([length, padded, ...parts]));
}

/** The metadata alone are at the file's beginning: nobody need read the rest for them. Throws an InputError where the file is not complete. */
export function readSafetensors(
  file: string,
  { metadataOnly = false } = {},
): { readonly arrays: NamedWeights; readonly metadata: Metadata } {
  const descriptor = openSync(file, 'r');
  const { size } = fstatSync(descriptor);
  const bytes = (from: number, to: number) => {
    if (!(from <= to && to <= size)) throw new RangeError('beyond the end');
    const read = Buffer.from(new ArrayBuffer(to - from));
    readSync(descriptor, read, 0, read.length, from);
    return read;
  };
  try {
    const start = 8 + Number(bytes(0, 8).readBigUInt64LE());
    const { __metadata__: metadata = {}, ...entries } = JSON.parse(bytes(8, start).toString());
    const arrays: Record<string, NamedWeight> = {};
    for (const [name, { shape, data_offsets }] of Object.entries(entries as Record<string, Entry>)) {
      const [from, to] = data_offsets.map((offset) => start + offset);
      if (to > size || to - from !== 4 * shapeSize(shape)) throw new RangeError(name);
      if (!metadataOnly) arrays[name] = { shape, values: new Float32Array(bytes(from, to).buffer) };
    }
    return { arrays, metadata };
  } catch {
    throw new InputError(`${file}: not a complete safetensors file (${size} bytes). Delete it and train the session again.`);
  } finally {
    closeSync(descriptor);
  }
}
