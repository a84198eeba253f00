/**
 * What a file in this folder exports: one command, described well enough to print its own help; and how one is run: its
 * arguments read, what it needs set up, its errors printed as one line.
 */
import { parseArgs } from 'node:util';
import { codeOf, InputError, InterruptedError, messageOf, UsageError } from '../../base/errors';
import { callerPath } from '../paths';

export interface CommandOption {
  readonly type: 'string' | 'boolean';
  /** What stands for the value in the help: "folder", "px". */
  readonly value?: string;
  readonly help: string;
}

export interface CommandArguments {
  /** `--option value` as typed; absent options are undefined. */
  text(option: string): string | undefined;
  /** A path given as an option, as `placeOf` has it. */
  path(option: string): string | undefined;
  flag(option: string): boolean;
  readonly positionals: readonly string[];
}

export interface Command {
  readonly summary: string;
  /** How positional arguments are shown in the help, "<image> …"; without it none are accepted. */
  readonly positionals?: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  /** What must be set up before `run`: nothing, the TensorFlow engine, or the engine and Jupyter. */
  readonly needs: 'nothing' | 'engine' | 'jupyter';
  run(args: CommandArguments): Promise<void>;
}

/** Runs `npm run <name> -- …words` to its end. What goes wrong is told on stderr and by the exit code: 130 for a stop, 2 for wrong usage, else 1. */
export async function runCommand(name: string, words: readonly string[], load: () => Promise<Command>): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endUnheard);
  try {
    const command = await load();
    const call = `npm run ${name} --`;
    const args = readArguments(call, command, words);
    if (args.flag('help')) return void process.stdout.write(help(call, command));
    if (command.needs !== 'nothing') await (await import('../setup')).ensureSetup(command.needs);
    await command.run(args);
  } catch (error) {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K'); // over a line of progress that was not finished
    process.stderr.write(error instanceof InputError ? `${error.message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = error instanceof InterruptedError ? 130 : error instanceof UsageError ? 2 : 1;
  }
}

/** Whoever read along has gone (`| head -1`, a closed terminal): no error, and nobody is left to work for. What saves before it ends goes on, unheard. */
function endUnheard(error: Error): void {
  if (!['EPIPE', 'EIO'].includes(codeOf(error))) throw error;
  if (process.listenerCount('SIGINT') === 0) process.exit();
}

function readArguments(call: string, command: Command, words: readonly string[]): CommandArguments {
  try {
    const parsed = parseArgs({
      args: [...words],
      options: { ...command.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: command.positionals !== undefined,
    });
    const values: Readonly<Record<string, unknown>> = parsed.values;
    const text = (option: string) => values[option] as string | undefined;
    const flag = (option: string) => values[option] === true;
    return { text, path: (option) => placeOf(text(option)), flag, positionals: parsed.positionals };
  } catch (error) {
    const known = Object.keys(command.options).map((option) => `--${option}`);
    const [reason] = messageOf(error).split(/\.(?: |$)/);
    throw new UsageError(`${call} ${words.join(' ')}: ${reason}. Expected ${known.join(', ') || 'no options'}.`);
  }
}

/** What a person typed as a path, taken from the folder of the shell that called; absolute, so that it means the same in the notebooks. */
export function placeOf<T>(typed: T): T | string {
  return typeof typed !== 'string' || ['', 'download', 'drawn', 'bundled'].includes(typed) ? typed : callerPath(typed); // words are left as they are
}

function help(call: string, command: Command): string {
  const rows = Object.entries(command.options).map(([name, { value, help: text }]) => [`--${name}${value ? ` <${value}>` : ''}`, text]);
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  return [`${call} ${command.positionals ?? ''}`.trimEnd(), `  ${command.summary}`, '', ...lines, ''].join('\n');
}
