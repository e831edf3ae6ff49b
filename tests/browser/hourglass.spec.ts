import { expect, test } from './server.ts';

interface Hourglass {
  from: string;
  people_to: number;
  rises: number;
  falls: number;
  tiers: { tier: string; people_to: number; observable: boolean }[];
  referral_observable: boolean;
}

test('the hourglass shows what the server counts', async ({ page, shop }) => {
  const data = await shop.get<Hourglass>('/hourglass');
  await page.goto(shop.url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hourglass');
  await expect(page.getByTestId('figure-people')).toContainText(data.people_to.toLocaleString('en'));
  for (const tier of data.tiers) {
    const band = page.getByTestId(`hourglass-${tier.tier}`);
    if (tier.observable) await expect(band).toContainText(tier.people_to.toLocaleString('en'));
    else await expect(band).toContainText('not observable');
  }
});

test('what no source shows is named, with what to connect, and is no zero', async ({ page, shop }) => {
  const data = await shop.get<Hourglass>('/hourglass');
  expect(data.referral_observable).toBe(false);
  await page.goto(shop.url);
  const lower = page.getByTestId('hourglass-referred');
  await expect(lower).toContainText('not observable');
  await expect(lower).not.toContainText('0');
  await expect(page.getByRole('heading', { name: 'Not observable yet' })).toBeVisible();
  await expect(page.getByText('Connect:').first()).toBeVisible();
});

test('a period is kept in the address and changes the figures', async ({ page, shop }) => {
  await page.goto(shop.url);
  await page.getByText('365 days', { exact: true }).click();
  await expect(page).toHaveURL(/days=365/);
  const status = await shop.get<{ as_of: string }>('/status');
  const from = new Date(Date.parse(status.as_of) - 365 * 86_400_000).toISOString().slice(0, 10);
  const data = await shop.get<Hourglass>(`/hourglass?from=${from}&to=${status.as_of}`);
  await expect(page.getByRole('link', { name: /^Rose/ }).first()).toContainText(data.rises.toLocaleString('en'));
  await page.reload();
  await expect(page.getByRole('link', { name: /^Fell/ }).first()).toContainText(data.falls.toLocaleString('en'));
});

test('every tier leads to its people, and the list has as many', async ({ page, shop }) => {
  const data = await shop.get<Hourglass>('/hourglass');
  for (const tier of data.tiers.filter((one) => one.observable && one.people_to > 0)) {
    await page.goto(shop.url);
    await page.getByTestId(`hourglass-${tier.tier}`).click();
    await expect(page).toHaveURL(new RegExp(`/people\\?tier=${tier.tier}`));
    await expect(page.getByRole('status').filter({ hasText: tier.people_to === 1 ? '1 person' : `${tier.people_to.toLocaleString('en')} people` })).toBeVisible();
  }
});
