// What comes through the live door: seen as it arrives, corrected when refused, told where it came from.
import { expect, send, sourceFor, test } from './server.ts';

const order = (messageId: string, userId: string, total: unknown = 42.5) => ({
  type: 'track', event: 'Order Completed', messageId, userId, timestamp: new Date().toISOString(),
  properties: { order_id: `o-${messageId}`, total, currency: 'EUR' },
});

test('a brand without events says how to begin, and fills by itself', async ({ page, live }) => {
  await page.goto(`${live.url}/`);
  await expect(page.getByText('No events yet')).toBeVisible();
  await expect(page.getByText('1970')).toHaveCount(0);
  await page.getByRole('link', { name: 'make a source' }).click();
  await expect(page.getByText('No source yet')).toBeVisible();
  const { key } = await sourceFor(live, 'first');
  await page.goto(`${live.url}/`);
  expect(await send(live, key, order('first-1', 'u-first'))).toBe(200);
  await expect(page.getByText('Five tiers of trust')).toBeVisible({ timeout: 15_000 });
});

test('an event shows as it arrives, with what it changed, and leads to the timeline', async ({ page, live }) => {
  const { key } = await sourceFor(live, 'watched');
  await page.goto(`${live.url}/live`);
  await expect(page.getByText('Watching')).toBeVisible();
  expect(await send(live, key, order('w-1', 'u-watched'))).toBe(200);
  const row = page.getByTestId('live-notes').getByRole('row', { name: /u-watched/ });
  await expect(row).toContainText('Order Completed');
  await expect(row).toContainText('€42.50');
  await expect(row.locator('.live-change')).toBeVisible();
  await row.getByRole('link', { name: 'user:u-watched' }).click();
  await expect(page).toHaveURL(/person\/user%3Au-watched\?tab=timeline/);
  await expect(page.getByText('Order Completed').first()).toBeVisible();
});

test('a refused event is corrected and sent again, and then counts once', async ({ page, live }) => {
  const { id, key } = await sourceFor(live, 'clumsy');
  await page.goto(`${live.url}/live?only=troubles`);
  await expect(page.getByText('Watching')).toBeVisible();
  expect(await send(live, key, order('c-1', 'u-clumsy', 'much'))).toBe(200);
  const row = page.getByTestId('live-notes').getByRole('row').filter({ hasText: 'sdk:clumsy' });
  await expect(row).toContainText('properties.total');
  await page.goto(`${live.url}/access?tab=sources`);
  const card = page.getByTestId('sources').locator('li.source').filter({ hasText: 'clumsy' });
  await expect(card).toContainText('1 refused');
  await card.getByRole('link', { name: '1 to look at' }).click();
  await expect(page.getByText('Only those of sdk:clumsy.')).toBeVisible();
  await expect(page.getByTestId('dead-letters').getByRole('listitem')).toHaveCount(1);
  await page.getByRole('button', { name: 'Show original' }).click();
  await page.getByLabel('The event as it came').fill(JSON.stringify(order('c-1', 'u-clumsy', 12)));
  await page.getByRole('button', { name: 'Send corrected' }).click();
  await expect(page.getByText('1 event went in')).toBeVisible();
  expect(await send(live, key, order('c-1', 'u-clumsy', 12))).toBe(200);
  const sources = await live.get<{ sources: { id: string; traffic: { repeated: number; conflicting: number; dead_letters: number } }[] }>('/sources');
  const traffic = sources.sources.find((one) => one.id === id)?.traffic;
  expect((traffic?.repeated ?? 0) + (traffic?.conflicting ?? 0)).toBe(1);
  const person = await live.get<{ state: { orders: number } }>('/people/user:u-clumsy');
  expect(JSON.stringify(person)).toContain('"orders":1');
});
