import { expect, test } from './server.ts';

interface Desk {
  used: number | null;
  total: number;
}
interface People {
  rows: { id: string; own_value_minor: number | null }[];
}

test.setTimeout(180_000);

test('value is told in three parts, and fits list how they went', async ({ page, brand }) => {
  // The server fits by itself once the day has closed.
  await expect.poll(async () => (await brand.get<Desk>('/fits')).used, { timeout: 60_000 }).not.toBeNull();
  await page.goto(`${brand.url}/value`);
  await expect(page.getByRole('heading', { level: 1, name: 'Value' })).toBeVisible();
  await expect(page.getByText('The most valuable 20% of customers hold')).toBeVisible();
  await expect(page.getByRole('img', { name: /most valuable 20%/ })).toBeVisible();
  const first = page.locator('.fits li').first();
  await expect(first).toContainText('in use');
  await first.locator('summary').click();
  await expect(first.locator('table')).toContainText('alpha_days');

  const before = (await brand.get<Desk>('/fits')).total;
  await page.getByRole('button', { name: 'Fit anew' }).click();
  await expect.poll(async () => (await brand.get<Desk>('/fits')).total, { timeout: 60_000 }).toBe(before + 1);
  await expect(page.locator('.fits li')).toHaveCount(before + 1);
  await expect(page.locator('.fits li').first()).toContainText('no drift');
});

test('every figure of a person opens into how it was made', async ({ page, brand }) => {
  await expect.poll(async () => (await brand.get<Desk>('/fits')).used, { timeout: 60_000 }).not.toBeNull();
  const best = (await brand.get<People>('/people?sort=value&desc=1&limit=1')).rows[0];
  expect(best?.own_value_minor).toBeGreaterThan(0);
  await page.goto(`${brand.url}/person/${encodeURIComponent(best?.id ?? '')}?tab=value`);
  const value = page.getByTestId('person-value');
  await expect(value.getByText('90% interval').first()).toBeVisible();
  for (const summary of await value.locator('details > summary').all()) await summary.click();
  await expect(value.locator('.formula')).toContainText('×');
  await expect(value).toContainText('t_x');
  await expect(value).toContainText('alpha_days');
});

test('classes say who behaves alike, and lead to their people', async ({ page, brand }) => {
  await expect.poll(async () => (await brand.get<{ as_of: string | null }>('/classes')).as_of, { timeout: 60_000 }).not.toBeNull();
  await page.goto(`${brand.url}/classes`);
  await expect(page.getByRole('heading', { level: 1, name: 'Classes and grades' })).toBeVisible();
  const classes = await brand.get<{ classes: { en: string; people: number }[] }>('/classes');
  const first = classes.classes[0];
  await page.getByRole('link', { name: first?.en ?? '', exact: true }).click();
  await expect(page).toHaveURL(/where=class/);
  const listed = await brand.get<{ total: number }>(`/people?where=${encodeURIComponent('class = 1')}&limit=1`);
  expect(listed.total).toBe(first?.people);
});
