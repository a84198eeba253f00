/** `npm run <command> -- …`: finds the command, reads its arguments, sets up what it needs, and prints errors as one line. */
import { parseArgs } from 'node:util';
import { InputError, InterruptedError, messageOf } from '../errors';
import type { Command, CommandArguments } from './command';

const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  walkthrough: () => import('./walkthrough'),
  train: () => import('./train'),
  predict: () => import('./predict'),
  evaluate: () => import('./evaluate'),
  catalog: () => import('./catalog'),
  download: () => import('./download'),
  report: () => import('./report'),
  plots: () => import('./plots'),
  lab: () => import('./lab'),
  bundle: () => import('./bundle'),
  setup: () => import('./setup'),
  doctor: () => import('./doctor'),
  bench: () => import('./bench'),
  ablation: () => import('./ablation'),
};

async function main(name: string | undefined, words: readonly string[]): Promise<void> {
  const load = name === undefined ? undefined : COMMANDS[name];
  if (!load) throw new InputError(`Unknown command "${name ?? ''}": expected one of ${Object.keys(COMMANDS).join(', ')}.`);
  const { command } = await load();
  const args = readArguments(`npm run ${name} --`, command, words);
  if (args.flag('help')) return void process.stdout.write(help(`npm run ${name} --`, command));
  if (command.needs !== 'nothing') {
    const { ensureSetup } = await import('../setup');
    await ensureSetup(command.needs);
  }
  await command.run(args);
}

function readArguments(call: string, command: Command, words: readonly string[]): CommandArguments {
  const options = Object.fromEntries(Object.entries(command.options).map(([name, { type }]) => [name, { type }]));
  try {
    const parsed = parseArgs({
      args: [...words],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: command.positionals !== undefined,
    });
    const values: Readonly<Record<string, unknown>> = parsed.values;
    return {
      text: (option) => values[option] as string | undefined,
      flag: (option) => values[option] === true,
      positionals: parsed.positionals,
    };
  } catch (error) {
    const known = Object.keys(command.options).map((option) => `--${option}`);
    throw new InputError(`${call} ${words.join(' ')}: ${firstSentence(error)} Expected ${known.join(', ') || 'no options'}.`);
  }
}

function firstSentence(error: unknown): string {
  const [sentence] = messageOf(error).split('. ');
  return sentence.endsWith('.') ? sentence : `${sentence}.`;
}

function help(call: string, command: Command): string {
  const rows = Object.entries(command.options).map(([name, { value, help: text }]) => [`--${name}${value ? ` <${value}>` : ''}`, text]);
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  return [`${call} ${command.positionals ?? ''}`.trimEnd(), `  ${command.summary}`, '', ...lines, ''].join('\n');
}

main(process.argv[2], process.argv.slice(3)).catch((error: unknown) => {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K'); // over a line of progress that was not finished
  process.stderr.write(error instanceof InputError ? `${error.message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = error instanceof InterruptedError ? 130 : 1;
});
