/** `npm run demo`: what it writes, whom it serves, and what it says where there is nothing to show. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../../lib/base/errors';
import { projectPath } from '../../lib/base/project';
import type { About } from '../../lib/demo/about';
import { modelOfRun, writeDemoPage } from '../../lib/demo/build';
import { readLayersFolder } from '../../lib/model/layers-folder';
import { resolveConfig } from '../../lib/presets';
import { runCommand, succeeded } from '../command';
import { temporaryFolder, writeFiles } from '../files';

const REAL = projectPath();
/** A project of its own, whose outputs/ is what these tests make of it. */
let project: string;

before(() => {
  project = mkdtempSync(path.join(os.tmpdir(), 'faces-demo-'));
  cpSync(path.join(REAL, 'package.json'), path.join(project, 'package.json'));
  for (const used of ['node_modules', 'lib', 'data']) symlinkSync(path.join(REAL, used), path.join(project, used));
});
after(() => rmSync(project, { recursive: true, force: true }));

const demo = (...words: readonly string[]) => runCommand(['demo', ...words], {}, project);

/** The folder of a run with the model that comes with the course, with facts and provenance of its own. */
function runWithModel(folder: string, changes: (facts: Record<string, unknown>) => void): string {
  const run = path.join(folder, 'mine');
  for (const name of ['model.json', 'weights.bin']) cpSync(path.join(REAL, 'data', 'model', name), path.join(run, 'model', name));
  const file = path.join(run, 'model', 'model.json');
  const model = JSON.parse(readFileSync(file, 'utf8'));
  changes(model.userDefinedMetadata);
  writeFileSync(file, JSON.stringify(model));
  return run;
}

async function pageOf(run: string): Promise<string> {
  const model = modelOfRun(run);
  assert.ok(model);
  const file = path.join(run, 'demo.html');
  await writeDemoPage(model, file);
  return readFileSync(file, 'utf8');
}

function aboutIn(page: string): About {
  const [, json] = /<script type="application\/json" id="about-json">(.*?)<\/script>/.exec(page) ?? [];
  return JSON.parse(json);
}

test('without a run the command says how to make one, and that the bundled model needs none', () => {
  const { code, stderr } = demo('--no-serve');
  assert.equal(code, 1);
  assert.match(stderr, /^outputs\/: no run yet\. .*npm run walkthrough.* npm run demo -- --bundled shows the model .*\n$/);
});

test('a run without a model is told how to finish it', () => {
  writeFiles(path.join(project, 'outputs', 'young'), { 'config.json': JSON.stringify(resolveConfig({ preset: 'demo' })) });
  const { code, stderr } = demo('--run', 'young', '--no-serve');
  assert.equal(code, 1);
  assert.match(stderr, /^outputs\/young: no model yet\. Finish it with npm run train -- --run young\. .*--bundled.*\n$/);
  rmSync(path.join(project, 'outputs', 'young'), { recursive: true });
});

test('the page of the bundled model is at most 20 MB, and its folder is never taken for a run', () => {
  const { stdout } = succeeded(demo('--bundled', '--no-serve'));
  assert.equal(stdout, 'outputs/bundled/reports/demo.html\n');
  const page = readFileSync(path.join(project, 'outputs', 'bundled', 'reports', 'demo.html'));
  assert.ok(page.length > 15e6 && page.length <= 20e6, `${page.length} bytes`);
  const about = aboutIn(page.toString());
  assert.equal(about.run, null);
  assert.equal(about.data?.kind, 'utkface');
  assert.ok(about.result && about.result.model.ageMaeYears < about.result.baseline.ageMaeYears / 2);
  assert.match(demo('--no-serve').stderr, /no run yet/);
  assert.match(demo('--run', 'bundled', '--no-serve').stderr, /no such run/);
});

test('the page tells where its model comes from and what was measured, and nothing of this machine', async (context) => {
  const folder = temporaryFolder(context);
  const run = runWithModel(folder, (facts) => {
    facts.provenance = {
      run: 'mine',
      trainedBy: [{ machine: 'a secret machine', code: 'abc' }],
      data: { kind: 'drawn', label: 'drawn faces' },
      split: { training: 631, validation: 158 },
      weights: { kind: 'bundled', label: 'the bundled model' },
    };
  });
  const measured = {
    validation: { ageMaeYears: 6.5, genderAccuracy: 0.9 },
    baseline: { ageMaeYears: 16.2, genderAccuracy: 0.55, loss: 1 },
  };
  writeFiles(run, { 'metrics.json': JSON.stringify(measured) });
  const page = await pageOf(run);
  const { facts, ...about } = aboutIn(page);
  assert.deepEqual(about, {
    run: 'mine',
    data: { kind: 'drawn', label: 'drawn faces', trainingFaces: 631, validationFaces: 158 },
    weights: 'bundled',
    result: { model: measured.validation, baseline: { ageMaeYears: 16.2, genderAccuracy: 0.55 } },
  });
  assert.equal(facts.sizePx, 192);
  for (const secret of ['a secret machine', folder, REAL]) assert.ok(!page.includes(secret), secret);
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  assert.match(policy, /^default-src 'none'; script-src 'sha256-[\w+/=]+' 'wasm-unsafe-eval'; style-src 'sha256-/);
  assert.doesNotMatch(policy, /connect-src|http|\*|'self'|'unsafe-(?:inline|eval)'/);
});

test('a run of the person’s own data is told from UTKFace, and one that was never measured shows no result', async (context) => {
  const run = runWithModel(temporaryFolder(context), (facts) => {
    const { provenance } = facts as { provenance: Record<string, object> };
    facts.provenance = { ...provenance, data: { ...provenance.data, kind: 'folder', label: 'family' } };
  });
  const about = aboutIn(await pageOf(run));
  assert.equal(about.data?.kind, 'own');
  assert.equal(about.result, undefined);
  assert.equal(modelOfRun(path.join(run, 'model')), undefined, 'a folder without a model has nothing to show');
});

test('a run’s kernels, which are whole floats, go into the page at half precision', async (context) => {
  const run = runWithModel(temporaryFolder(context), () => undefined);
  const half = await pageOf(run);
  const folder = path.join(run, 'model');
  const weights = Object.entries(await readLayersFolder(folder));
  const model = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8'));
  const specs = weights.map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
  writeFiles(folder, {
    'model.json': JSON.stringify({ ...model, weightsManifest: [{ paths: ['weights.bin'], weights: specs }] }),
    'weights.bin': Buffer.concat(weights.map(([, { values }]) => Buffer.from(values.buffer, values.byteOffset, values.byteLength))),
  });
  const whole = await pageOf(run);
  assert.ok(whole === half, `${whole.length} and ${half.length} bytes`);
});

test('a model whose page would be larger than 20 MB is refused, and no page is written', async (context) => {
  const run = runWithModel(temporaryFolder(context), (facts) => {
    facts.note = 'x'.repeat(2e6);
  });
  await assert.rejects(pageOf(run), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /mine\/model: its page would have 20\.\d MB, expected at most 20\.0 MB\./);
    return true;
  });
  assert.ok(!existsSync(path.join(run, 'demo.html')));
});

test('the page is served on this machine alone, under this name alone, and nothing else is', async () => {
  const words = ['--import', 'tsx', 'lib/tools/cli/main.ts', 'demo', '--bundled', '--no-open'];
  const serving = spawn(process.execPath, words, { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const address = await addressOf(serving);
    const page = await ask(address);
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'] ?? '', /^text\/html/);
    assert.equal(page.headers['x-content-type-options'], 'nosniff');
    assert.equal(page.headers['referrer-policy'], 'no-referrer');
    assert.match(String(page.headers['permissions-policy']), /camera=\(self\)/);
    assert.match(String(page.headers['content-security-policy']), /frame-ancestors 'none'/);
    assert.deepEqual(page.body, readFileSync(path.join(project, 'outputs', 'bundled', 'reports', 'demo.html')));
    for (const [status, other] of [
      [404, { path: '/outputs' }],
      [404, { path: '/../package.json' }],
      [405, { method: 'POST' }],
      [403, { headers: { host: 'elsewhere.example' } }],
      [403, { headers: { host: '127.0.0.1.elsewhere.example' } }],
    ] as const) {
      const { status: answered, body } = await ask(address, other);
      assert.deepEqual([answered, body.length], [status, 0], JSON.stringify(other));
    }
    const outside = Object.values(os.networkInterfaces())
      .flatMap((all) => all ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4');
    if (outside) await assert.rejects(ask(address.replace('127.0.0.1', outside.address)), /ECONNREFUSED/);
  } finally {
    serving.kill();
  }
});

function addressOf(serving: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    serving.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed) ?? [];
      if (address) resolve(address);
    });
    serving.once('close', () => reject(new Error(`npm run demo ended: ${printed}`)));
  });
}

function ask(address: string, options: http.RequestOptions = {}) {
  return new Promise<{ status?: number; headers: http.IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
    const request = http.request(address, options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    });
    request.once('error', reject);
    request.end();
  });
}
