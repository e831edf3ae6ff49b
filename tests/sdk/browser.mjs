// Segment's browser library in Chromium, on a page of another origin than the server's.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';

const require = createRequire(import.meta.url);
const kPatienceMs = 60_000;

function chromium() {
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? null;
}

function page(server) {
  return `<!doctype html><title>Shop</title><script src="/library/index.js"></script><script>
    (async () => {
      const sdk = AnalyticsNext.AnalyticsBrowser.load({ writeKey: ${JSON.stringify(server.key)}, cdnURL: ${JSON.stringify(server.url)} });
      await sdk.page('Home');
      await sdk.identify('browser', { email: 'browser@shop.example' });
      await sdk.track('Order Completed', { order_id: 'o-browser', total: 258.5, currency: 'CNY',
        products: [{ product_id: 'p-1', price: 120, quantity: 2 }] });
      setTimeout(() => fetch('/done', { method: 'POST', body: 'ok' }), 1500);
    })().catch((error) => fetch('/done', { method: 'POST', body: String(error) }));
  </script>`;
}

/** Null: no Chromium here. Throws what went wrong on the page. */
export async function seenInBrowser(server) {
  const program = chromium();
  if (program === null) return null;
  const library = join(dirname(require.resolve('@segment/analytics-next/package.json')), 'dist', 'umd');
  let said;
  const done = new Promise((resolve) => (said = resolve));
  const shop = createServer((request, response) => {
    if (request.method === 'POST') {
      let text = '';
      request.on('data', (chunk) => (text += chunk));
      request.on('end', () => { response.end(); said(text); });
    } else if (request.url.startsWith('/library/')) {
      response.setHeader('content-type', 'text/javascript');
      response.end(readFileSync(join(library, request.url.slice('/library/'.length).replaceAll('..', ''))));
    } else {
      response.setHeader('content-type', 'text/html');
      response.end(request.url === '/' ? page(server) : '');
    }
  });
  await new Promise((resolve) => shop.listen(0, '127.0.0.1', resolve));
  const profile = mkdtempSync(join(tmpdir(), 'guanxi-chromium-'));
  const browser = spawn(program, ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', `--user-data-dir=${profile}`, `http://127.0.0.1:${shop.address().port}/`], { stdio: 'ignore' });
  const timer = setTimeout(() => said('the page took too long'), Number(process.env['GUANXI_PATIENCE_MS'] ?? kPatienceMs));
  const outcome = await done;
  clearTimeout(timer);
  browser.kill('SIGTERM');
  if (browser.exitCode === null) await new Promise((resolve) => browser.once('exit', resolve));
  shop.closeAllConnections();
  shop.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  if (outcome !== 'ok') throw new Error(outcome);
  return outcome;
}
