import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { projectPath, projectRoot } from '../../lib/base/project';
import { resolveConfig } from '../../lib/presets';
import { drawnRecords, realHistory } from '../figures';
import { browserMissing, openBrowser, openPage } from './chromium';

const skip = browserMissing();
const name = `plots-test-${process.pid}`;
const folder = projectPath('outputs', name);
let plots: ChildProcess;
let address: string;
let printed = '';

before(async () => {
  const records = drawnRecords(100);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(resolveConfig({ preset: 'demo' })));
  utimesSync(path.join(folder, 'config.json'), 0, 0); // never the newest run, which other tests may ask for
  writeFileSync(path.join(folder, 'split.json'), JSON.stringify({ training: records.slice(0, 80), validation: records.slice(80) }));
  writeFileSync(path.join(folder, 'provenance.json'), JSON.stringify({ data: { kind: 'drawn' } }));
  writeFileSync(path.join(folder, 'history.json'), JSON.stringify(realHistory()));
  const words = ['--import', 'tsx', projectPath('lib', 'tools', 'cli', 'main.ts'), 'plots', '--run', name, '--no-open'];
  plots = spawn(process.execPath, words, { cwd: projectRoot(), stdio: ['ignore', 'pipe', 'pipe'] });
  address = await new Promise((resolve, reject) => {
    const take = (text: string) => {
      printed += text;
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed);
      if (found) resolve(found[0]);
    };
    plots.stdout?.setEncoding('utf8').on('data', take);
    plots.stderr?.setEncoding('utf8').on('data', take);
    plots.once('close', () => reject(new Error(`npm run plots ended: ${printed}`)));
  });
});
after(() => {
  plots?.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** The local addresses, in the kernel's hex, on which a process listens over TCP. */
function listening(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return '';
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && sockets.has(`socket:[${fields[9]}]`))
      .map((fields) => fields[1]),
  );
}

test('the figures are served to this machine only', () => {
  const port = Number(new URL(address).port).toString(16).toUpperCase().padStart(4, '0');
  assert.deepEqual(listening(plots.pid!), [`0100007F:${port}`]);
});

test('the command prints the run and its address, and nothing of the framework', () => {
  assert.equal(printed, `${name}: ${address}\nClose the page, or press Ctrl+C, to end.\n`);
});

test('a page from elsewhere cannot read the figures under a name of its own', async () => {
  const status = await new Promise((resolve, reject) => {
    http
      .get(address, { headers: { host: 'elsewhere.example' } }, (response) => resolve(response.resume().statusCode))
      .once('error', reject);
  });
  assert.equal(status, 403);
});

test('the browser draws every curve of the run, and asks nobody but this machine', { skip }, async () => {
  const browser = await openBrowser();
  try {
    const { page, complaints } = await openPage(browser, new RegExp(`^(${address}|data:|blob:)`), {
      viewport: { width: 1200, height: 900 },
    });
    await page.goto(address);
    await page.waitForFunction("document.querySelectorAll('svg.main-svg .trace.scatter').length >= 36", undefined, { timeout: 20_000 });
    const sizes = await page.$$eval('.js-plotly-plot', (plots) => plots.map((plot) => plot.getBoundingClientRect().width));
    assert.equal(sizes.length, 12);
    assert.ok(
      sizes.every((width) => width > 300),
      sizes.join(', '),
    );
    const titles = await page.$$eval('.gtitle', (texts) => texts.map((text) => text.textContent));
    assert.deepEqual(
      titles.slice(0, 3),
      ['1 to 18', '19 to 36', '1 to 36'].map((epochs) => `Gender accuracy, epochs ${epochs} (drawn faces)`),
    );
    assert.equal(await page.$('.modebar-btn[data-title^=Share]'), null);
    assert.deepEqual(complaints, { consoleErrors: [], requests: [] });
    if (process.env.SCREENSHOTS) await page.screenshot({ path: path.join(process.env.SCREENSHOTS, 'plots.png'), fullPage: true });
  } finally {
    await browser.close();
  }
});

test('the server ends with the page', { skip }, async () => {
  if (plots.exitCode === null) await new Promise((resolve) => plots.once('close', resolve));
  assert.equal(plots.exitCode, 0);
});
