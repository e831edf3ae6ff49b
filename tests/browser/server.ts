// The real server on a data folder that the tests make themselves through the real command line.
import { test as base, expect } from '@playwright/test';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostileEvents, ordersCsv, refusedEvents } from './shop.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

function binary(): string {
  const named = process.env['GUANXI_BIN'] ?? process.env['GUANXI_BINARY'];
  const found = [named, join(root, 'build/release/bin/guanxi'), join(root, 'build/dev/bin/guanxi'), join(root, 'build/dev/src/app/guanxi')].find((path) => path && existsSync(path));
  if (!found) throw new Error('no guanxi binary: set GUANXI_BIN or build it');
  return found;
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

export interface Shop {
  url: string;
  get: <T>(path: string) => Promise<T>;
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  for (let i = 0; i < 300; ++i) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    const ready = await fetch(`${url}/api/v1/status`).then((response) => response.ok, () => false);
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server does not answer');
}

/** Imports the files into a new data folder and serves it until the worker ends. */
async function serve(files: Record<string, string>, use: (shop: Shop) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'guanxi-browser-'));
  const data = join(folder, 'data');
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    writeFileSync(file, text);
    try {
      execFileSync(binary(), ['--data', data, 'import', '--yes', file], { stdio: 'pipe' });
    } catch (error) {
      // 3: everything in the file was refused, which is what some of these files are for.
      if ((error as { status?: number }).status !== 3) throw error;
    }
  }
  const port = await freePort();
  const server = spawn(binary(), ['--data', data, 'serve', '--port', String(port)], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  server.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  server.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  try {
    await answers(url, server).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${said}`);
    });
    await use({ url, get: async <T>(path: string) => (await fetch(`${url}/api/v1${path}`)).json() as Promise<T> });
  } finally {
    server.kill('SIGTERM');
    await new Promise((resolve) => (server.exitCode === null ? server.once('exit', resolve) : resolve(null)));
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Watched {
  /** What must stay empty: scripts that ran, violations of the policy, errors of the page. */
  trouble: string[];
}

export const test = base.extend<Watched, { shop: Shop; hostile: Shop }>({
  shop: [async ({}, use) => serve({ 'orders.csv': ordersCsv() }, use), { scope: 'worker', timeout: 120_000 }],
  hostile: [
    async ({}, use) =>
      serve({ '<img src=x onerror=xss()>.ndjson': hostileEvents(), 'refused.ndjson': refusedEvents(), 'orders.csv': ordersCsv() }, use),
    { scope: 'worker', timeout: 120_000 },
  ],
  trouble: [
    async ({ page }, use) => {
      const trouble: string[] = [];
      await page.exposeFunction('xss', () => trouble.push('a script of the data ran'));
      await page.exposeFunction('guanxiViolation', (what: string) => trouble.push(`policy violated: ${what}`));
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          const report = (window as unknown as { guanxiViolation: (what: string) => void }).guanxiViolation;
          report(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
        });
      });
      page.on('dialog', (dialog) => {
        trouble.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
      page.on('console', (message) => {
        if (/Content Security Policy/.test(message.text())) trouble.push(message.text());
      });
      await use(trouble);
      expect(trouble).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
