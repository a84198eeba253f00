import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../lib/base/errors';
import type { ProgressUpdate } from '../../lib/base/progress';
import { projectRoot } from '../../lib/base/project';
import { fetchFaces } from '../../lib/tools/cli/download';
import { type DownloadOptions, downloadFile } from '../../lib/tools/download/download';
import { type BadServer, startBadServer } from '../bad-server';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');
let server: BadServer;
let folder = '';
let file = '';

before(async () => {
  server = await startBadServer(content);
});
after(() => server.close());
beforeEach((context) => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'download-'));
  file = path.join(folder, 'data', 'faces.tar.gz');
  if ('after' in context) context.after(() => rmSync(folder, { recursive: true }));
});

function download(more: Partial<DownloadOptions> = {}): Promise<void> {
  return downloadFile({ url: server.url, file, sha256, bytes: content.length, stallMs: 5000, backoffMs: 5, ...more });
}

function complaint(pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof InputError && pattern.test(error.message) && !error.message.includes('\n');
}

function assertWhole(): void {
  assert.ok(readFileSync(file).equals(content));
  assert.ok(!existsSync(`${file}.part`));
}

test('a good server is asked once, and progress is counted in MB', async () => {
  server.behave('good');
  const updates: ProgressUpdate[] = [];
  await download({ onProgress: (update) => updates.push(update) });
  assertWhole();
  const last = updates.at(-1);
  assert.deepEqual(last, { label: 'Downloading faces.tar.gz', done: 0.3, total: 0.3, unit: 'MB' });
  assert.deepEqual(server.requests, ['all']);
});

test('a file of that name with other bytes is replaced', async () => {
  server.behave('good');
  mkdirSync(path.dirname(file));
  writeFileSync(file, 'old');
  await download();
  assertWhole();
});

test('a connection that breaks again and again is taken up where it broke', async () => {
  server.behave('drops');
  await download();
  assertWhole();
  assert.equal(server.requests[1], 'bytes=100000-');
  assert.ok(server.requests.length > 10);
});

test('a connection that stalls is given up and taken up again', async () => {
  server.behave('stalls');
  const loading = download({ stallMs: 100 });
  await sleep(250);
  server.behave('good');
  await loading;
  assertWhole();
  assert.match(server.requests.at(-1) ?? '', /^bytes=\d+-$/);
});

test('a server that never answers ends in one line after the attempts allowed', async () => {
  server.behave('never answers');
  await assert.rejects(download({ stallMs: 50, attempts: 3 }), complaint(/127\.0\.0\.1.*nothing came for 0\.05 s, 3 times in a row/));
  assert.equal(server.requests.length, 3);
  assert.ok(!existsSync(file));
});

test('no server at all ends in one line that names the cause', async () => {
  await assert.rejects(
    download({ url: 'http://127.0.0.1:9/x', attempts: 2 }),
    complaint(/127\.0\.0\.1:9\/x: the connection failed \(.+\), 2 times/),
  );
});

test('a server that claims a longer file does not keep a whole one from being accepted', async () => {
  server.behave('claims more');
  await download();
  assertWhole();
});

test('a server that claims a shorter file is asked for the rest', async () => {
  server.behave('claims less');
  const loading = download({ attempts: 12 });
  await sleep(50);
  server.behave('good');
  await loading;
  assertWhole();
});

test('a server that ignores ranges starts the file anew instead of appending the whole to the part', async () => {
  mkdirSync(path.dirname(file));
  writeFileSync(`${file}.part`, content.subarray(0, 70_000));
  server.behave('ignores ranges');
  await download();
  assertWhole();
  assert.deepEqual(server.requests, ['bytes=70000-']);
});

test('a server that ignores ranges and always breaks is given up', async () => {
  server.behave('drops, ignores ranges');
  await assert.rejects(download({ attempts: 4 }), complaint(/4 times in a row\. 0\.1 MB have arrived and are kept/));
});

test('a part that another range answers is thrown away', async () => {
  mkdirSync(path.dirname(file));
  writeFileSync(`${file}.part`, content.subarray(0, 70_000));
  server.behave('wrong range');
  await download();
  assertWhole();
  assert.deepEqual(server.requests, ['bytes=70000-', 'all']);
});

test('wrong bytes are not kept, and both checksums are named', async () => {
  server.behave('wrong bytes');
  await assert.rejects(download(), complaint(new RegExp(`SHA-256 [0-9a-f]{64}, expected ${sha256}`)));
  assert.ok(!existsSync(file) && !existsSync(`${file}.part`));
});

test('a part of another file is found out by the checksum and the download starts over', async () => {
  mkdirSync(path.dirname(file));
  writeFileSync(`${file}.part`, randomBytes(70_000));
  server.behave('good');
  await download();
  assertWhole();
  writeFileSync(file, 'other');
  writeFileSync(`${file}.part`, randomBytes(400_000));
  await download();
  assertWhole();
});

test('a stream without end is cut off at the expected length', async () => {
  server.behave('endless');
  await assert.rejects(download(), complaint(/longer than the 300000 bytes expected/));
  assert.ok(!existsSync(`${file}.part`));
});

test('a missing file is reported at once, an overloaded server is asked again', async () => {
  server.behave('not found');
  await assert.rejects(download(), complaint(/the server answers 404 Not Found/));
  assert.equal(server.requests.length, 1);
  server.behave('overloaded');
  await download();
  assertWhole();
  assert.equal(server.requests.length, 3);
});

test('a file that fails its further proof is not kept', async () => {
  server.behave('good');
  const verify = () => Promise.reject(new InputError('not these weights'));
  await assert.rejects(download({ verify }), complaint(/not these weights/));
  assert.ok(!existsSync(file) && !existsSync(`${file}.part`));
});

/** Starts the download in a process of its own; `before` are shell commands for it alone. */
function spawnDownload(before = ''): { child: ChildProcess; output: () => string; exit: Promise<number | null> } {
  const script = path.join(folder, 'download.ts');
  const source = `import { downloadFile } from ${JSON.stringify(path.join(projectRoot(), 'lib', 'tools', 'download', 'download'))};
    downloadFile(${JSON.stringify({ url: server.url, file, sha256, bytes: content.length })}).catch((error: Error) => {
      process.stdout.write(\`\${error.name}: \${error.message}\`);
      process.exitCode = 3;
    });`;
  writeFileSync(script, source);
  const command = `${before} exec "${process.execPath}" --import tsx "${script}"`;
  const child = spawn('bash', ['-c', command], { cwd: projectRoot(), stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  return { child, output: () => output, exit: new Promise((resolve) => child.on('exit', resolve)) };
}

test('a disk that takes no more is named, and nothing is left on it', async () => {
  server.behave('good');
  const { output, exit } = spawnDownload('trap "" XFSZ; ulimit -f 100;'); // at most 100 blocks of 1,024 bytes a file
  assert.equal(await exit, 3);
  assert.match(output(), /^InputError: .*faces\.tar\.gz cannot be written: .*(full|larger)/);
  assert.ok(!existsSync(file) && !existsSync(`${file}.part`));
});

test('a program that is killed goes on from where it was', { timeout: 30_000 }, async () => {
  server.behave('stalls');
  const { child, exit } = spawnDownload();
  while (!existsSync(`${file}.part`) || statSync(`${file}.part`).size < 100_000) await sleep(20);
  child.kill('SIGKILL');
  await exit;
  server.behave('good');
  await download();
  assertWhole();
  assert.deepEqual(server.requests, ['bytes=100000-']);
});

test('an archive of UTKFace that is there is neither fetched again nor are its terms asked for', async () => {
  const archive = path.join(folder, 'UTKFace.tar.gz');
  writeFileSync(archive, '');
  truncateSync(archive, 106_634_631); // without content it takes no room
  server.behave('good');
  assert.equal(await fetchFaces(false, folder, server.url), archive);
  assert.equal(server.requests.length, 0);
});

test('UTKFace is not fetched before its terms are accepted', async (context) => {
  server.behave('good');
  const { mock } = context.mock.method(process.stderr, 'write', () => true);
  await assert.rejects(fetchFaces(false, folder, server.url), complaint(/--accept-terms/));
  assert.match(String(mock.calls[0].arguments[0]), /non-commercial research/);
  assert.equal(server.requests.length, 0);
  await assert.rejects(fetchFaces(true, folder, server.url), complaint(/expected 2c0655397b498e81/));
  assert.equal(server.requests.length, 2);
});
