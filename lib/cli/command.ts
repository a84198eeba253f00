/** What a file in this folder exports: one command, described well enough to print its own help. */

export interface CommandOption {
  readonly type: 'string' | 'boolean';
  /** What stands for the value in the help: "folder", "px". */
  readonly value?: string;
  readonly help: string;
}

export interface CommandArguments {
  /** `--option value` as typed; absent options are undefined. */
  text(option: string): string | undefined;
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
