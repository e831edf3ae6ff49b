// Sends `count` events, ten a second, with the real SDK of one vendor; the user is the SDK's name.
//
//   node client.mjs segment|rudder|jitsu|posthog URL WRITE_KEY COUNT
//
// The packages are those of tests/sdk (or of $SDK_DIR).
import { createRequire } from 'node:module';
import process from 'node:process';

const here = new URL('../sdk/package.json', import.meta.url).pathname;
const require = createRequire(process.env.SDK_DIR ? `${process.env.SDK_DIR}/package.json` : here);
const kEveryMs = 100;
const [, , which, url, key, count] = process.argv;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function segment() {
  const { Analytics } = require('@segment/analytics-node');
  const sdk = new Analytics({ writeKey: key, host: url, flushInterval: 1000 });
  sdk.on('error', () => {});
  return {
    send: (i) => sdk.track({ userId: which, event: 'Tick', properties: { i } }),
    close: () => sdk.closeAndFlush({ timeout: 120_000 }),
  };
}

function rudder() {
  const Rudder = require('@rudderstack/rudder-sdk-node');
  const sdk = new Rudder(key, { dataPlaneUrl: url, flushInterval: 1000, logLevel: 'error', errorHandler: () => {} });
  return {
    send: (i) => sdk.track({ userId: which, event: 'Tick', properties: { i } }),
    close: async () => {
      for (let i = 0; i < 40; ++i) await sdk.flush().catch(() => {});
      await pause(2000);
    },
  };
}

function posthog() {
  const { PostHog } = require('posthog-node');
  const sdk = new PostHog(key, { host: url, flushInterval: 1000 });
  return {
    send: (i) => sdk.capture({ distinctId: which, event: 'Tick', properties: { i } }),
    close: () => sdk.shutdown(120_000),
  };
}

function jitsu() {
  const { jitsuAnalytics } = require('@jitsu/js');
  const sdk = jitsuAnalytics({ host: url, writeKey: `guanxi:${key}`, s2s: true, errorPolicy: () => {} });
  const waiting = [];
  return {
    send: (i) => waiting.push(Promise.resolve(sdk.track('Tick', { i }, { userId: which })).catch(() => {})),
    close: () => Promise.all(waiting),
  };
}

const sdk = { segment, rudder, posthog, jitsu }[which]();
for (let i = 0; i < Number(count); ++i) {
  sdk.send(i);
  await pause(kEveryMs);
}
await sdk.close();
process.exit(0);
