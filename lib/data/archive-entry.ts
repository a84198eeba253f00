/** What the readers of archives tell of each entry, and who is told. */

export interface ArchiveEntry {
  /** As the archive has it, with forward slashes. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/** Called for every entry in order; what it returns is given the entry's contents, undefined skips them. */
export type EntryVisitor = (entry: ArchiveEntry) => ((contents: Buffer) => void) | undefined;
