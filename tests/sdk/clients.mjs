// The story that every SDK tells of one person, in its own words: who they are, a page, an order of
// one product, a review, their company, and thirty small events that make it send several requests.
//
//   node clients.mjs segment|rudder|jitsu|posthog|posthog-v1 URL WRITE_KEY
import { createRequire } from 'node:module';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

export const kBulk = 30;
const kPatience = { timeout: 30_000 };
const address = (who) => `${who}@shop.example`;
const order = (who) => ({
  order_id: `o-${who}`, total: 258.5, shipping: 18.5, currency: 'CNY',
  products: [{ product_id: 'p-1', name: '龙井茶 250g', price: 120, quantity: 2 }],
});
const review = { product_id: 'p-1', rating: '5', review_body: 'Très bon 👍 <b>ok</b> \u0000\u202E "q"' };

async function segment(url, key, who) {
  const { Analytics } = require('@segment/analytics-node');
  const sdk = new Analytics({ writeKey: key, host: url, path: '/v1/batch', flushAt: 7, flushInterval: 200 });
  sdk.identify({ userId: who, anonymousId: `anon-${who}`, traits: { email: address(who), name: '李娜' } });
  sdk.page({ anonymousId: `anon-${who}`, name: 'Home', properties: { url: 'https://shop.example/' } });
  sdk.track({ userId: who, event: 'Order Completed', properties: order(who) });
  sdk.track({ userId: who, event: 'Product Reviewed', properties: review });
  sdk.group({ userId: who, groupId: 'g-7', traits: { name: 'Initech' } });
  for (let i = 0; i < kBulk; ++i) sdk.track({ userId: who, event: 'Bulk', properties: { i } });
  await sdk.closeAndFlush(kPatience);
}

async function rudder(url, key, who) {
  const Rudder = require('@rudderstack/rudder-sdk-node');
  const failed = [];
  const sdk = new Rudder(key, { dataPlaneUrl: url, path: '/v1/batch', flushAt: 7, flushInterval: 200, errorHandler: (error) => failed.push(error) });
  sdk.identify({ userId: who, anonymousId: `anon-${who}`, traits: { email: address(who), name: '李娜' } });
  sdk.page({ anonymousId: `anon-${who}`, name: 'Home', properties: { url: 'https://shop.example/' } });
  sdk.track({ userId: who, event: 'Order Completed', properties: order(who) });
  sdk.track({ userId: who, event: 'Product Reviewed', properties: review });
  sdk.group({ userId: who, groupId: 'g-7', traits: { name: 'Initech' } });
  for (let i = 0; i < kBulk; ++i) sdk.track({ userId: who, event: 'Bulk', properties: { i } });
  // One flush sends one batch.
  for (let i = 0; i < 10; ++i) await sdk.flush();
  if (failed.length > 0) throw new Error(`${failed.length} batches failed: ${failed[0]}`);
}

async function jitsu(url, key, who) {
  const { jitsuAnalytics } = require('@jitsu/js');
  const failed = [];
  const sdk = jitsuAnalytics({ host: url, writeKey: `guanxi:${key}`, s2s: true, fetchTimeoutMs: 10_000, errorPolicy: (message) => failed.push(message) });
  const at = { userId: who, anonymousId: `anon-${who}` };
  await sdk.identify(who, { email: address(who), name: '李娜' }, { anonymousId: `anon-${who}` });
  await sdk.page('shop', 'Home', { url: 'https://shop.example/' }, at);
  await sdk.track('Order Completed', order(who), at);
  await sdk.track('Product Reviewed', review, at);
  await sdk.group('g-7', { name: 'Initech' }, at);
  for (let i = 0; i < kBulk; ++i) await sdk.track('Bulk', { i }, at);
  if (failed.length > 0) throw new Error(`${failed.length} calls failed: ${failed[0]}`);
}

async function posthog(url, key, who) {
  const { PostHog } = require('posthog-node');
  const failed = [];
  const sdk = new PostHog(key, { host: url, flushAt: 7, flushInterval: 200 });
  sdk.on('error', (error) => failed.push(error));
  sdk.identify({ distinctId: who, properties: { email: address(who), name: '李娜' } });
  sdk.capture({ distinctId: `anon-${who}`, event: '$pageview', properties: { $current_url: 'https://shop.example/' } });
  sdk.capture({ distinctId: who, event: 'Order Completed', properties: order(who) });
  sdk.capture({ distinctId: who, event: 'Product Reviewed', properties: review });
  sdk.groupIdentify({ groupType: 'company', groupKey: 'g-7', properties: { name: 'Initech' }, distinctId: who });
  sdk.alias({ distinctId: who, alias: `anon-${who}` });
  for (let i = 0; i < kBulk; ++i) sdk.capture({ distinctId: who, event: 'Bulk', properties: { i } });
  await sdk.shutdown(kPatience.timeout);
  if (failed.length > 0) throw new Error(`${failed.length} batches failed: ${failed[0]}`);
}

export const kClients = { segment, rudder, jitsu, posthog, 'posthog-v1': posthog };

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , name, url, key] = process.argv;
  if (name === 'posthog-v1') process.env['POSTHOG_CAPTURE_MODE'] = 'v1';
  await kClients[name](url, key, name);
  process.exit(0);
}
