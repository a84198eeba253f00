/** A run made again as anybody would: from one page of its report, by the command line. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { projectPath } from '../../lib/base/project';
import { type RunRecord, recordHtml, recordOf } from '../../lib/evaluation/run-record';
import { exportReports } from '../../lib/tools/cli/report';
import { ensureSetup } from '../../lib/tools/setup';
import { runCommand, succeeded } from '../command';
import { temporaryFolder, writeFiles } from '../files';
import { assertSameRuns, removeRuns } from '../kill';
import { notebookOf } from '../scratch';

const MADE = `zz-reproduce-${process.pid}`;
const [AGAIN, ELSEWHERE] = [`${MADE}-again`, `${MADE}-elsewhere`];
const SMALL = ['--data', 'drawn', '--limit', '120', '--epochs', '1', '--image-size', '48'];
let page: string;
let record: RunRecord;

before(async () => {
  await ensureSetup('jupyter');
  succeeded(runCommand(['train', '--preset', 'demo', ...SMALL, '--run', MADE]));
  const folder = projectPath('outputs', MADE);
  writeFiles(path.join(folder, 'notebooks'), { '01-explore-data.ipynb': notebookOf(["const run = await openRun({ preset: 'demo' });"]) });
  page = readFileSync(await exportReports(folder, { faces: false }), 'utf8');
  record = recordOf(folder);
});
after(() => removeRuns([MADE, AGAIN, ELSEWHERE]));

/** A page alone in a folder. */
function pageIn(context: TestContext, html = page): string {
  const file = path.join(temporaryFolder(context), 'index.html');
  writeFileSync(file, html);
  return file;
}

/** What differs is listed below the line of what it is. */
function listedOf(stdout: string, what: string): readonly string[] {
  const lines = stdout.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`  ${what} `));
  const to = lines.findIndex((line, index) => index > from && !line.startsWith('    '));
  return lines.slice(from + 1, to).map((line) => line.trim());
}

function flipByte(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
}

test('from one page of its report alone a run is made again, bit for bit, and the same call says so once more', (context) => {
  const file = pageIn(context);
  assert.ok(Buffer.byteLength(page) < 50_000);
  assert.ok(!page.includes(projectPath()), 'no path of this machine');
  const first = succeeded(runCommand(['reproduce', file]));
  assert.match(first.stdout, /history +identical in every digit, 2 epochs\n.*weights +identical, [0-9a-f]{12}\nResult: identical\n$/);
  assertSameRuns(AGAIN, MADE);
  assert.match(succeeded(runCommand(['reproduce', file])).stdout, /Result: identical\n$/);
  assert.match(succeeded(runCommand(['reproduce', projectPath('outputs', MADE)])).stdout, /Result: identical\n$/);
});

test('one byte of one image that the run used is named, and nothing is trained', (context) => {
  const copy = path.join(temporaryFolder(context), 'faces');
  cpSync(projectPath('data', 'cache', 'drawn-1-800'), copy, { recursive: true });
  const used = JSON.parse(readFileSync(projectPath('outputs', MADE, 'split.json'), 'utf8')).training[7].file;
  const words = ['reproduce', pageIn(context), '--data', copy, '--run', ELSEWHERE];
  assert.match(succeeded(runCommand([...words, '--check'])).stdout, /data +the same, 120 files of faces\n/);
  flipByte(path.join(copy, used));
  const { code, stdout, stderr } = runCommand(words);
  assert.equal(code, 1);
  assert.match(stdout, / {2}data +1 file of 120 changed:\n/);
  assert.deepEqual(listedOf(stdout, 'data'), [path.join(copy, used)]);
  assert.match(stderr, /made of other data or weights, it would be another run\. Nothing was trained\.\n$/);
  assert.ok(!existsSync(projectPath('outputs', ELSEWHERE)));
});

test('one byte of the weights is named, and nothing is trained', (context) => {
  const copy = path.join(temporaryFolder(context), 'model');
  cpSync(projectPath('data', 'model'), copy, { recursive: true });
  const words = ['reproduce', pageIn(context), '--weights', copy, '--run', ELSEWHERE];
  assert.match(succeeded(runCommand([...words, '--check'])).stdout, /weights +the same, the bundled model\n/);
  flipByte(path.join(copy, 'weights.bin'));
  const { code, stdout } = runCommand(words);
  assert.equal(code, 1);
  assert.deepEqual(listedOf(stdout, 'weights'), [path.join(copy, 'weights.bin')]);
  assert.ok(!existsSync(projectPath('outputs', ELSEWHERE)));
});

test('a file of lib that was another is named, and the run is made again all the same', (context) => {
  const [[codeSha256, files]] = Object.entries(record.hashes.code ?? {});
  const code = { [codeSha256]: { ...files, 'lib/training/epoch.ts': '0123456789ab' } };
  const { stdout } = succeeded(runCommand(['reproduce', pageIn(context, recordHtml({ ...record, hashes: { ...record.hashes, code } }))]));
  assert.match(stdout, / {2}code +1 file changed since the run was trained \(by /);
  assert.deepEqual(listedOf(stdout, 'code'), ['lib/training/epoch.ts']);
  assert.match(stdout, /Result: identical\n$/);
});

test('with threads of another number the difference is told, and the outcome is the same but for rounding', (context) => {
  const threads = { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' };
  const { stdout } = succeeded(runCommand(['reproduce', pageIn(context), '--run', ELSEWHERE], threads));
  assert.match(
    listedOf(stdout, 'machine').join(),
    /^threads: .*, here 1 parts of a batch, TF_NUM_INTEROP_THREADS=1, TF_NUM_INTRAOP_THREADS=1$/,
  );
  assert.match(stdout, /Result: (identical|the same but for rounding, .*: session 1 within 0\.0010 years and .*)\n$/);
});

test('a run that was never finished, another configuration of that name, and two pages at once are refused with what to do', (context) => {
  const refusal = (html: string, ...words: readonly string[]) => runCommand(['reproduce', pageIn(context, html), ...words]);
  const unfinished = refusal(recordHtml({ ...record, history: record.history.slice(1) }));
  assert.equal(unfinished.code, 1);
  assert.match(unfinished.stderr, /was not finished when this was written\. Finish it first: npm run train -- --run /);
  const other = refusal(recordHtml({ ...record, config: { ...record.config, batchSize: 17 } }), '--run', MADE);
  assert.match(other.stderr, /a run of another configuration is there\. Choose another name with --run\.\n$/);
  assert.equal(runCommand(['reproduce', pageIn(context), 'b.html']).code, 2);
  const elsewhere = { ...record, provenance: { ...record.provenance, data: { kind: 'archive', label: 'faces.zip' } } };
  assert.match(refusal(recordHtml(elsewhere)).stderr, /^The data of this run are faces\.zip\. .* --data <path>\n$/m);
});
