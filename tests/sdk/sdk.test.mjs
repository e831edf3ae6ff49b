// The SDKs that people use, as they come from their makers, against the real server: the right
// people, the right timelines, everything counted once.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { seenInBrowser } from './browser.mjs';
import { kBulk, kClients } from './clients.mjs';
import { kRoot, Server } from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const captures = join(process.env['GUANXI_SHARED'] ?? join(kRoot, '..', 'shared'), 'sdk-captures');
const server = new Server();

async function runClient(name) {
  const client = spawn(process.execPath, ['clients.mjs', name, server.url, server.key], { cwd: here, stdio: 'inherit' });
  const code = await new Promise((resolve) => client.once('exit', resolve));
  assert.equal(code, 0, `${name} ended with ${code}`);
}

/** Sends every request that a client once sent, byte for byte but for the key in its headers. */
async function replay(file) {
  const requests = JSON.parse(readFileSync(join(captures, file), 'utf8'));
  for (const request of requests) {
    const text = JSON.stringify(request.body);
    assert.equal(Buffer.byteLength(text), request.body_bytes, `${file}: not the bytes that were sent`);
    const headers = { 'content-type': request.headers['content-type'] };
    const packed = request.headers['content-encoding'] === 'gzip';
    if (packed) headers['content-encoding'] = 'gzip';
    if (request.headers['x-write-key']) headers['x-write-key'] = `guanxi:${server.key}`;
    else headers['authorization'] = `Basic ${Buffer.from(`${server.key}:`).toString('base64')}`;
    const answer = await fetch(server.url + request.url, { method: 'POST', headers, body: packed ? gzipSync(text) : text });
    assert.equal(answer.status, 200, `${file} ${request.url}`);
    assert.deepEqual(await answer.json(), { success: true });
  }
}

const kCaptured = ['segment-ok.json', 'rudder-ok.json', 'posthog-ok.json', 'jitsu-ok.json', 'segment-browser-standard.json', 'segment-browser-batching.json'];
const withCaptures = existsSync(captures);
if (!withCaptures) console.log('left out: no captured client bodies (set GUANXI_SHARED)');
let stories = new Map();
let totals = [];
let inBrowser = null;

before(async () => {
  await server.start();
  await Promise.all(Object.keys(kClients).map(runClient));
  inBrowser = await seenInBrowser(server);
  await server.stop();
  for (const { person, kind, n } of server.rows('select person, kind, count(*) n from events group by 1, 2')) {
    stories.set(person, { ...stories.get(person), [kind]: n });
  }
  for (let round = 0; withCaptures && round < 2; ++round) {
    await server.start();
    for (const file of kCaptured) await replay(file);
    await server.stop();
    totals.push(server.rows('select count(*) n from events')[0].n);
  }
});
after(() => server.remove());

/** Whom an id leads to, by the id that is shown: an alias may have joined it with one that comes before it. */
const shown = (id) => server.ask('person', id).id;

for (const name of Object.keys(kClients)) {
  test(`${name}: one person, the whole story, once`, () => {
    const story = stories.get(shown(`user:${name}`));
    assert.ok(story, `nobody is known as ${name}`);
    assert.equal(story.order_completed, 1);
    assert.equal(story.order_line, 1);
    assert.equal(story.review_posted, 1);
    assert.equal(story.unknown, kBulk + 1, 'the small events and the company');
    assert.ok(story.identified >= 1);
    if (name.startsWith('posthog')) assert.equal(shown(`user:anon-${name}`), shown(`user:${name}`), 'the alias joins');
    const who = server.ask('person', `email:${name}@shop.example`);
    assert.equal(who.id, shown(`user:${name}`), 'the address finds the person');
    assert.equal(who.spent_minor, 25_850);
  });
}

test('what they looked at before they were known is theirs', () => {
  for (const name of ['segment', 'rudder', 'jitsu']) {
    assert.equal(stories.get(`user:${name}`).visit, 1, name);
  }
});

test('the browser library in Chromium: settings from here, events to here', (t) => {
  if (inBrowser === null) return t.skip('no chromium on this machine');
  const story = stories.get('user:browser');
  assert.ok(story, 'nobody is known as browser');
  assert.equal(story.visit, 1);
  assert.equal(story.order_completed, 1);
  assert.equal(story.order_line, 1);
  assert.ok(story.identified >= 1);
});

test('captured bodies, sent twice with a restart between, count once', (t) => {
  if (!withCaptures) return t.skip('no captured client bodies');
  assert.equal(totals[0], totals[1]);
  const person = shown('user:u-1');
  const [{ n }] = server.rows(`select count(*) n from events where person = '${person}' and kind = 'order_completed'`);
  assert.equal(n, kCaptured.length, 'one order of each client: message ids differ');
});

test('nothing became a dead letter', () => {
  assert.deepEqual(server.ask('dead-letters').dead_letters, []);
});
