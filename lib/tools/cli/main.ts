/** `npm run <command> -- …`: finds the command. */
import { UsageError } from '../../base/errors';
import { type Command, runCommand } from './command';

const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  walkthrough: () => import('./walkthrough'),
  train: () => import('./train'),
  predict: () => import('./predict'),
  evaluate: () => import('./evaluate'),
  export: () => import('./export'),
  align: () => import('./align'),
  catalog: () => import('./catalog'),
  download: () => import('./download'),
  demo: () => import('./demo'),
  report: () => import('./report'),
  plots: () => import('./plots'),
  lab: () => import('./lab'),
  setup: () => import('./setup'),
  doctor: () => import('./doctor'),
};

const [name = '', ...words] = process.argv.slice(2);

void runCommand(name, words, async () => {
  const load = COMMANDS[name];
  if (!load) throw new UsageError(`Unknown command "${name}": expected one of ${Object.keys(COMMANDS).join(', ')}.`);
  return (await load()).command;
});
