// What to paste where an SDK is set up. `snippets.test.ts` holds them against docs/doors.md.
export interface Snippet {
  name: string;
  code: (origin: string, key: string) => string;
}

const kOrder = "{ order_id: 'o-1', total: 42.5, currency: 'EUR' }";

export const kSnippets: Snippet[] = [
  {
    name: '@segment/analytics-node',
    code: (origin, key) => `import { Analytics } from '@segment/analytics-node';

const analytics = new Analytics({ writeKey: '${key}', host: '${origin}', path: '/v1/batch' });
analytics.track({ userId: 'u-1', event: 'Order Completed', properties: ${kOrder} });`,
  },
  {
    name: '@segment/analytics-next',
    code: (origin, key) => `import { AnalyticsBrowser } from '@segment/analytics-next';

const analytics = AnalyticsBrowser.load({ writeKey: '${key}', cdnURL: '${origin}' });
analytics.page();`,
  },
  {
    name: '@rudderstack/rudder-sdk-node',
    code: (origin, key) => `import Rudder from '@rudderstack/rudder-sdk-node';

const rudder = new Rudder('${key}', { dataPlaneUrl: '${origin}', path: '/v1/batch' });
rudder.track({ userId: 'u-1', event: 'Order Completed', properties: ${kOrder} });`,
  },
  {
    name: '@jitsu/js',
    code: (origin, key) => `import { jitsuAnalytics } from '@jitsu/js';

const jitsu = jitsuAnalytics({ host: '${origin}', writeKey: 'guanxi:${key}' });
jitsu.identify('u-1');
jitsu.track('Order Completed', ${kOrder});`,
  },
  {
    name: 'posthog-node',
    code: (origin, key) => `import { PostHog } from 'posthog-node';

const posthog = new PostHog('${key}', { host: '${origin}' });
posthog.capture({ distinctId: 'u-1', event: 'Order Completed', properties: ${kOrder} });`,
  },
  {
    name: 'HTTP',
    code: (origin, key) => `curl ${origin}/v1/batch \\
  -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
  -d '{"batch":[{"type":"track","userId":"u-1","event":"Order Completed","messageId":"m-1",
       "properties":{"order_id":"o-1","total":42.5,"currency":"EUR"}}]}'`,
  },
];

/** A message to a webhook of one's own, signed. */
export function signedMessage(address: string): string {
  return `body='{"type":"track","userId":"u-1","event":"Order Completed","messageId":"m-1"}'
signature=$(printf %s "$body" | openssl dgst -sha256 -hmac "$SECRET" -hex | sed 's/.* //')
curl ${address} -H "X-Guanxi-Signature: sha256=$signature" \\
  -H 'Content-Type: application/json' -d "$body"`;
}
