/** A small disk of its own for a test, where this user may mount one: what a full or read-only disk does, for real. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** Mounts an empty disk of so many bytes on `folder`; false where this user may not. */
export function mountDisk(folder: string, sizeBytes: number): boolean {
  mkdirSync(folder, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', folder]).status === 0;
}

/** Changes a mounted disk: "ro", "rw", "size=1000000". */
export function remountDisk(folder: string, option: string): void {
  const { status, stderr } = spawnSync('mount', ['-o', `remount,${option}`, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount: ${stderr}`);
}

export function unmountDisk(folder: string): void {
  spawnSync('umount', [folder]);
}
