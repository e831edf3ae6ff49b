// The real server on a data folder that the tests make themselves through the real command line.
import { test as base, expect, type BrowserContext } from '@playwright/test';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  ask: (path: string) => Promise<Response>;
  /** As the page sends it. */
  post: <T>(path: string, body: unknown) => Promise<T>;
  session: string;
  /** What the server wrote to its console. */
  said: () => string;
}

export const admin = { name: 'ada', password: 'correct horse battery' };

async function logIn(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Guanxi-Page': '1', Origin: url },
    body: JSON.stringify(admin),
  });
  const session = response.headers.getSetCookie().find((line) => line.startsWith('guanxi-session='))?.split(/[=;]/)[1];
  if (!session) throw new Error(`no session: ${response.status} ${await response.text()}`);
  return session;
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  for (let i = 0; i < 300; ++i) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    const ready = await fetch(`${url}/api/v1/me`).then((response) => response.ok, () => false);
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server does not answer');
}

/** The log is read behind the open door; until then questions are answered with 503. */
async function whenRead(url: string, Cookie: string): Promise<void> {
  for (let i = 0; i < 300; ++i) {
    if ((await fetch(`${url}/api/v1/status`, { headers: { Cookie } })).ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the log is not read');
}

// What servers write about themselves, and what must not stand in it, for tools/quiet_logs.py.
const logs = process.env['GUANXI_TEST_LOGS'];
function keep(file: string, text: string): void {
  if (logs) appendFileSync(join(logs, file), text);
}

/** Imports the files into a new data folder and serves it until `use` ends; without an admin, nobody has come in yet. */
export async function serve(host: string, files: Record<string, string>, use: (shop: Shop) => Promise<void>, withAdmin = true): Promise<void> {
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
  if (withAdmin) execFileSync(binary(), ['--data', data, 'users', 'add', admin.name, '--role', 'admin', '--password-stdin'], { input: `${admin.password}\n`, stdio: 'pipe' });
  const port = await freePort();
  const config = join(folder, 'guanxi.toml');
  writeFileSync(config, '[log]\nlevel = "debug"\n');
  const server = spawn(binary(), ['--data', data, 'serve', '--config', config, '--port', String(port)], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  server.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  server.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    keep(`browser-${host}-${String(process.pid)}.log`, chunk.toString());
  });
  const url = `http://${host}:${port}`;
  try {
    await answers(url, server).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${said}`);
    });
    const session = withAdmin ? await logIn(url) : '';
    if (withAdmin) keep(`planted-browser-${String(process.pid)}.txt`, `${session}\n${admin.password}\n`);
    const Cookie = `guanxi-session=${session}`;
    if (withAdmin) await whenRead(url, Cookie);
    const ask = (path: string) => fetch(`${url}/api/v1${path}`, { headers: { Cookie } });
    const post = async <T>(path: string, body: unknown) => {
      const headers = { Cookie, 'Content-Type': 'application/json', 'X-Guanxi-Page': '1', Origin: url };
      const response = await fetch(`${url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.json() as Promise<T>;
    };
    await use({ url, session, ask, post, said: () => said, get: async <T>(path: string) => (await ask(path)).json() as Promise<T> });
  } finally {
    server.kill('SIGTERM');
    await new Promise((resolve) => (server.exitCode === null ? server.once('exit', resolve) : resolve(null)));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The pages of a test are logged in at the shop that it asks for. Shops differ in host, not in port
 *  alone: a cookie knows hosts only. */
async function loggedIn(shop: Shop, context: BrowserContext, use: (shop: Shop) => Promise<void>): Promise<void> {
  await context.addCookies([{ name: 'guanxi-session', value: shop.session, url: shop.url, httpOnly: true, sameSite: 'Strict' }]);
  await use(shop);
}

/** Sends events as an SDK would; the status of the answer. */
export async function send(shop: Shop, key: string, ...events: Record<string, unknown>[]): Promise<number> {
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
  const response = await fetch(`${shop.url}/v1/batch`, { method: 'POST', headers, body: JSON.stringify({ batch: events }) });
  await response.text();
  return response.status;
}

/** A source of its own for a test, and its write key. */
export async function sourceFor(shop: Shop, name: string): Promise<{ id: string; key: string }> {
  const made = await shop.post<{ source: { id: string }; write_key: string }>('/sources', { name, kind: 'sdk' });
  return { id: made.source.id, key: made.write_key };
}

interface Watched {
  shop: Shop;
  hostile: Shop;
  /** A brand whose events come through the door: empty at first. */
  live: Shop;
  /** A brand whose buyers the models of buying fit. */
  brand: Shop;
  /** What must stay empty: scripts that ran, violations of the policy, errors of the page. */
  trouble: string[];
}

/** A brand that the product makes up: lives of many kinds, as models of buying expect them. */
function madeUpBrand(): string {
  const folder = mkdtempSync(join(tmpdir(), 'guanxi-brand-'));
  const file = join(folder, 'brand.ndjson');
  execFileSync(binary(), ['--quiet', 'simulate', '--people', '1500', '--seed', '1', '--out', file], { stdio: 'pipe' });
  const text = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true, force: true });
  return text;
}

export const test = base.extend<Watched, { shopServer: Shop; hostileServer: Shop; liveServer: Shop; brandServer: Shop }>({
  brand: async ({ brandServer, context }, use) => loggedIn(brandServer, context, use),
  brandServer: [async ({}, use) => serve('127.0.0.1', { 'brand.ndjson': madeUpBrand() }, use), { scope: 'worker', timeout: 120_000 }],
  live: async ({ liveServer, context }, use) => loggedIn(liveServer, context, use),
  liveServer: [async ({}, use) => serve('127.0.0.1', {}, use), { scope: 'worker', timeout: 120_000 }],
  shop: async ({ shopServer, context }, use) => loggedIn(shopServer, context, use),
  hostile: async ({ hostileServer, context }, use) => loggedIn(hostileServer, context, use),
  shopServer: [async ({}, use) => serve('127.0.0.1', { 'orders.csv': ordersCsv() }, use), { scope: 'worker', timeout: 120_000 }],
  hostileServer: [
    async ({}, use) =>
      serve('localhost', { '<img src=x onerror=xss()>.ndjson': hostileEvents(), 'refused.ndjson': refusedEvents(), 'orders.csv': ordersCsv() }, use),
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
