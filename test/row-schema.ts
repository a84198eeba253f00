/** Lines of `predict -- --json`, held against the schema that tells other programs what to expect. */
import assert from 'node:assert/strict';
import Ajv from 'ajv/dist/2020';
import { readJson } from '../lib/base/files';
import { projectPath } from '../lib/base/project';
import type { PhotoRow } from '../lib/predict/row';

const validate = new Ajv({ allErrors: true }).compile<PhotoRow>(readJson(projectPath('lib', 'predict', 'row.schema.json')));

/** Whether it is a row, as the schema has it. */
export function isRow(value: unknown): value is PhotoRow {
  return validate(value);
}

/** The rows of all lines; throws where one of them is not as the schema has it. */
export function rowsOf(lines: string): readonly PhotoRow[] {
  assert.ok(lines === '' || lines.endsWith('\n'), 'the last line has an end');
  return lines
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const row: unknown = JSON.parse(line);
      assert.ok(isRow(row), `${line}: ${JSON.stringify(validate.errors)}`);
      return row;
    });
}
