// Making a source of each sort, what it has to be told, and what to paste where.
import type { Page } from '@playwright/test';
import { expect, send, test } from './server.ts';

async function begin(page: Page, url: string, name: string, kind: string): Promise<void> {
  await page.goto(`${url}/access?tab=sources`);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.locator('.source-form .ant-select').first().click();
  await page.locator('.ant-select-item-option').filter({ hasText: kind }).click();
}

const card = (page: Page, name: string) => page.getByTestId('sources').locator('li.source').filter({ hasText: name });

test('a queue is told brokers and topics, and what is wrong is said where it stands', async ({ page, live }) => {
  await begin(page, live.url, 'orders topic', 'Apache Kafka');
  await page.getByRole('textbox', { name: /^Topics/ }).fill('orders');
  await page.getByRole('button', { name: 'Add source' }).click();
  await expect(page.locator('.field').filter({ hasText: 'Brokers' }).getByRole('alert')).toHaveText('is missing');
  await page.getByRole('textbox', { name: /^Brokers/ }).fill('127.0.0.1:1');
  await page.getByLabel('Password (SASL)').fill('kafka-secret-7');
  await page.getByRole('button', { name: 'Add source' }).click();
  const queue = card(page, 'orders topic');
  await expect(queue).toContainText('1 accepted');
  await queue.getByRole('button', { name: 'Settings' }).click();
  await expect(queue.getByRole('textbox', { name: /^Brokers/ })).toHaveValue('127.0.0.1:1');
  await queue.getByRole('textbox', { name: /^Mapping/ }).fill('name =');
  await queue.getByRole('button', { name: 'Save settings' }).click();
  await expect(queue.locator('.field').filter({ hasText: 'Mapping' }).getByRole('alert')).toContainText('line 1');
  await queue.getByRole('textbox', { name: /^Mapping/ }).fill('');
  await queue.getByRole('textbox', { name: /^Topics/ }).fill('orders, refunds');
  await queue.getByRole('button', { name: 'Save settings' }).click();
  await expect(queue.getByText('Saved')).toBeVisible();
  const sources = JSON.stringify(await live.get('/sources'));
  expect(sources).toContain('orders, refunds');
  expect(sources).not.toContain('kafka-secret-7');
  await queue.getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('button', { name: 'Yes' }).click();
  await expect(queue).toContainText('disabled');
});

test('a webhook shows its address before its secret is known, and refuses until then', async ({ page, live }) => {
  await begin(page, live.url, 'payments', 'Stripe');
  await page.getByRole('button', { name: 'Add source' }).click();
  const hook = card(page, 'payments');
  await expect(hook).toContainText('none yet: whatever comes is refused');
  const address = (await hook.getByTestId('connect').locator('pre').textContent()) ?? '';
  expect(address).toMatch(/\/hooks\/[0-9a-f]{32}$/);
  expect((await fetch(address, { method: 'POST', body: '{}' })).status).toBe(401);
  await hook.getByRole('button', { name: 'Settings' }).click();
  await hook.getByLabel(/^Signing secret/).fill('whsec_never_shown');
  await hook.getByRole('button', { name: 'Save secret' }).click();
  await expect(hook).toContainText('1 accepted');
  expect(await page.content()).not.toContain('whsec_never_shown');
});

test('an SDK gets its key in the snippet once; a new key; and no more when disabled', async ({ page, live }) => {
  await page.goto(`${live.url}/access?tab=sources`);
  await page.getByLabel('Name', { exact: true }).fill('site');
  await page.getByRole('button', { name: 'Add source' }).click();
  const key = (await page.getByTestId('once').locator('code').textContent()) ?? '';
  const site = card(page, 'site');
  await expect(site.getByTestId('connect').locator('pre').first()).toContainText(`writeKey: '${key}', host: '${live.url}'`);
  expect(await send(live, key, { type: 'identify', userId: 'u-site', messageId: 's-1', traits: { name: 'Ada' } })).toBe(200);
  await page.getByRole('button', { name: 'I have it' }).click();
  await expect(site.getByTestId('connect').locator('pre').first()).toContainText('YOUR_WRITE_KEY');
  await page.reload();
  await expect(site).toContainText('1 new event');
  await site.getByRole('button', { name: 'New key' }).click();
  await page.getByRole('button', { name: 'Yes' }).click();
  const next = (await page.getByTestId('once').locator('code').textContent()) ?? '';
  expect(next).not.toBe(key);
  await site.getByRole('button', { name: 'Disable' }).click();
  await expect(page.getByRole('button', { name: 'Yes' })).toHaveCount(1);  // the one before is gone
  await page.getByRole('button', { name: 'Yes' }).click();
  await expect(site).toContainText('disabled');
  expect(await send(live, next, { type: 'identify', userId: 'u-site', messageId: 's-2', traits: {} })).toBe(401);
});
