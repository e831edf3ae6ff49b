// The real server on a fresh data folder with one source, and what stands in it when it has stopped.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const kRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

function binary() {
  const found = [process.env['GUANXI_BINARY'], 'build/release/bin/guanxi', 'build/dev/bin/guanxi']
    .filter((path) => path).map((path) => join(kRoot, path)).find((path) => existsSync(path));
  if (!found) throw new Error('no guanxi binary: set GUANXI_BINARY or build it');
  return found;
}

async function freePort() {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// What servers write about themselves, and what must not stand in it, for tools/quiet_logs.py.
const kLogs = process.env['GUANXI_TEST_LOGS'];
function lines() {
  return kLogs ? openSync(join(kLogs, `sdk-${process.pid}.log`), 'a') : 'inherit';
}
function plant(words) {
  if (kLogs) appendFileSync(join(kLogs, `planted-sdk-${process.pid}.txt`), words.map((word) => `${word}\n`).join(''));
}

export class Server {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'guanxi-sdk-'));
    this.key = this.ask('keys', 'add', 'shop').write_key;
    this.config = join(this.folder, 'guanxi.toml');
    writeFileSync(this.config, '[log]\nlevel = "debug"\n');
    plant([this.key, '李娜', 'shop.example']);
  }

  /** One command of the command line, as JSON. */
  ask(...words) {
    return JSON.parse(execFileSync(binary(), ['--data', this.folder, '--json', '--quiet', ...words], { maxBuffer: 1 << 26 }));
  }
  rows(query) {
    return this.ask('sql', query).rows;
  }

  async start() {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.process = spawn(binary(), ['--data', this.folder, 'serve', '--no-supervisor', '--config', this.config, '--port', String(port)], { cwd: kRoot, stdio: ['ignore', 'pipe', lines()] });
    for await (const chunk of this.process.stdout) {
      if (chunk.toString().includes('ready:')) return;
    }
    throw new Error('the server ended before it was ready');
  }
  async stop() {
    if (this.process && this.process.exitCode === null) {
      this.process.kill('SIGTERM');
      await new Promise((resolve) => this.process.once('exit', resolve));
    }
  }
  async remove() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
