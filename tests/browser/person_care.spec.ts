// Who is who, and what a person may ask for: joined and parted, restricted, exported, erased.
import { readFileSync } from 'node:fs';
import { expect, send, sourceFor, test, type Shop } from './server.ts';

async function identify(live: Shop, source: string, ...people: { userId: string; email: string }[]): Promise<void> {
  const { key } = await sourceFor(live, source);
  const events = people.map(({ userId, email }) => ({ type: 'identify', userId, messageId: `${source}-${userId}`, traits: { email } }));
  expect(await send(live, key, ...events)).toBe(200);
}

test('two who share an address are shown with the evidence, joined, and parted again', async ({ page, live }) => {
  await identify(live, 'twins', { userId: 'u-twin-1', email: 'twin@example.org' }, { userId: 'u-twin-2', email: 'twin@example.org' });
  await page.goto(`${live.url}/identities`);
  const pair = page.getByTestId('duplicates').locator('li.letter').filter({ hasText: 'u-twin-1' });
  await expect(pair).toContainText('u-twin-2');
  await expect(pair.locator('.signs')).toContainText('twin@example.org');
  await pair.getByRole('button', { name: 'They are one' }).click();
  await expect(pair).toHaveCount(0);
  await page.goto(`${live.url}/person/user%3Au-twin-1?tab=identity`);
  await expect(page.locator('.id-list')).toContainText('user:u-twin-2');
  await page.goto(`${live.url}/identities?tab=decisions`);
  const decision = page.getByTestId('decisions').locator('li.letter').filter({ hasText: 'u-twin-1' });
  await expect(decision).toContainText('by ada');
  await decision.getByRole('button', { name: 'Take back' }).click();
  await expect(page.getByTestId('decisions').locator('li.letter').filter({ hasText: 'u-twin-1' }).first()).toBeVisible();
  await page.goto(`${live.url}/person/user%3Au-twin-1?tab=identity`);
  await expect(page.locator('.id-list')).not.toContainText('user:u-twin-2');
});

test('a person is restricted, freed, exported, and erased with a receipt', async ({ page, live }) => {
  await identify(live, 'rights', { userId: 'u-rights', email: 'rights@example.org' });
  await page.goto(`${live.url}/person/user%3Au-rights?tab=privacy`);
  const privacy = page.getByTestId('privacy');
  const marketing = privacy.getByRole('switch', { name: 'No marketing' });
  await marketing.click();
  await expect(marketing).toBeChecked();
  await expect(privacy.locator('.consents')).toContainText('withdrawn');
  const restricted = privacy.getByRole('switch', { name: 'Restricted' });
  await restricted.click();
  await expect(restricted).toBeChecked();
  expect(await live.get<{ total: number }>('/people?q=u-rights')).toMatchObject({ total: 0 });
  await restricted.click();
  await expect(restricted).not.toBeChecked();

  const [download] = await Promise.all([page.waitForEvent('download'), privacy.getByRole('link', { name: 'Export all of it' }).click()]);
  const text = readFileSync(await download.path(), 'utf8');
  expect(text).toContain('rights@example.org');
  for (const line of text.trim().split('\n')) JSON.parse(line);

  await privacy.getByRole('button', { name: 'Erase' }).click();
  await page.getByLabel('The id, to confirm').fill('user:u-rights');
  await page.locator('.ant-popconfirm').getByRole('button', { name: 'Erase' }).click();
  await expect(page.getByRole('dialog')).toContainText('Receipt');
  await expect(page.locator('.receipt')).toContainText('"digest"');
  expect((await live.ask('/people/user:u-rights')).status).toBe(404);
});

test('a viewer sees people without their addresses, and is offered nothing to change', async ({ page, live, browser }) => {
  await identify(live, 'masked', { userId: 'u-masked', email: 'masked.person@example.org' });
  const { link } = await live.post<{ link: string }>('/users', { name: 'vera', role: 'viewer' });
  const context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(live.url + link);
  await other.getByLabel('Password', { exact: true }).fill('tea at four, twice');
  await other.getByLabel('Password once more').fill('tea at four, twice');
  await other.getByRole('button', { name: 'Set password and log in' }).click();
  await expect(other.getByRole('link', { name: 'Hourglass' })).toBeVisible();
  for (const hidden of ['Identities', 'What-if', 'Live', 'Access']) await expect(other.getByRole('link', { name: hidden, exact: true })).toHaveCount(0);
  await other.goto(`${live.url}/people`);
  await expect(other.getByRole('columnheader', { name: 'Tier', exact: true })).toBeVisible();
  const seen = await other.evaluate(async () => (await fetch('/api/v1/people?limit=100')).text());
  expect(seen).not.toContain('u-masked');
  expect(seen).not.toContain('masked.person');
  await other.goto(`${live.url}/access?tab=sources`);
  await expect(other.getByText('YOUR_WRITE_KEY')).toHaveCount(0);
  expect((await other.evaluate(async () => (await fetch('/api/v1/sources')).status))).toBe(403);
  await context.close();
  await page.goto(`${live.url}/people?q=u-masked`);
  await expect(page.getByText('user:u-masked')).toBeVisible();
});

test('backups are made from the page', async ({ page, live }) => {
  await page.goto(`${live.url}/system`);
  await page.getByRole('button', { name: 'Make a backup' }).click();
  await expect(page.getByText(/was written and checked/)).toBeVisible();
});
