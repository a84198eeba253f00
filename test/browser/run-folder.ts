/** A run folder as the walkthrough leaves it, with notebooks whose outputs are what a kernel would have sent. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { resolveConfig } from '../../lib/presets';
import { drawnRecords, realHistory } from '../figures';

/** What a notebook holds: text, or code with its outputs. */
export type TestCell =
  | { readonly text: string; readonly attachments?: object }
  | { readonly code: string; readonly outputs: readonly object[] };

export function writeRunFolder(folder: string): void {
  const records = drawnRecords(100);
  const write = (name: string, content: object) => writeFileSync(path.join(folder, name), JSON.stringify(content));
  mkdirSync(path.join(folder, 'notebooks'), { recursive: true });
  write('config.json', resolveConfig({ preset: 'demo' }));
  const data = { kind: 'drawn', label: 'drawn faces (seed 1)', files: 800, usable: 797, surplusFiles: 6, nearDuplicatePairs: 3 };
  write('provenance.json', { data, weights: { kind: 'bundled' } });
  write('split.json', { training: records.slice(0, 80), validation: records.slice(80) });
  write('history.json', realHistory());
}

export function writeNotebook(folder: string, name: string, contents: readonly TestCell[]): void {
  const cells = contents.map((cell, index) => {
    const common = { id: `c${index}`, metadata: {} };
    if ('text' in cell) return { ...common, cell_type: 'markdown', source: cell.text, attachments: cell.attachments ?? {} };
    return { ...common, cell_type: 'code', execution_count: 1, source: cell.code, outputs: cell.outputs };
  });
  const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
  writeFileSync(path.join(folder, 'notebooks', `${name}.ipynb`), JSON.stringify(notebook));
}

/** An output as a notebook keeps it. */
export function output(type: string, data: string | object) {
  return { output_type: 'display_data', metadata: {}, data: { [type]: data } };
}
