import { expect, test } from './server.ts';

interface Page {
  total: number;
  rows: { id: string; orders: number }[];
}

test('sorting asks the server and stands in the address', async ({ page, shop }) => {
  await page.goto(`${shop.url}/people`);
  await page.getByRole('columnheader', { name: 'Orders' }).getByRole('button').click();
  await expect(page).toHaveURL(/sort=orders/);
  const most = await shop.get<Page>('/people?sort=orders&desc=true&limit=1');
  await expect(page.getByRole('row').nth(1)).toContainText(most.rows[0]?.id ?? 'nobody');
  await page.getByRole('columnheader', { name: 'Orders' }).getByRole('button').click();
  const least = await shop.get<Page>('/people?sort=orders&desc=false&limit=1');
  await expect(page.getByRole('row').nth(1)).toContainText(least.rows[0]?.id ?? 'nobody');
});

test('a condition filters, and a wrong one is marked at its place', async ({ page, shop }) => {
  await page.goto(`${shop.url}/people`);
  await page.getByRole('button', { name: 'Condition' }).click();
  const field = page.getByRole('textbox', { name: 'Condition on people' });
  await field.fill('orders >= 10');
  await field.press('Enter');
  const some = await shop.get<Page>(`/people?where=${encodeURIComponent('orders >= 10')}&limit=1`);
  await expect(page.getByText(`${some.total.toLocaleString('en')} people`)).toBeVisible();
  await page.getByRole('textbox', { name: 'Condition on people' }).fill('orders >= 10 and colour = red');
  await page.getByRole('textbox', { name: 'Condition on people' }).press('Enter');
  await expect(page.getByRole('alert')).toContainText('colour');
  await expect(page.locator('.where-error mark')).toContainText('colour');
});

test('a part of an id finds the person', async ({ page, shop }) => {
  await page.goto(`${shop.url}/people`);
  await page.getByRole('textbox', { name: 'Part of an id' }).fill('12350');
  await expect(page).toHaveURL(/q=12350/);
  await expect(page.getByText('1 person', { exact: false }).first()).toBeVisible();
  await expect(page.getByRole('row').nth(1)).toContainText('12350');
});

test('any row can be jumped to, and the last is the last', async ({ page, shop }) => {
  const all = await shop.get<Page>('/people?limit=1');
  const last = await shop.get<Page>(`/people?limit=1&offset=${all.total - 1}`);
  await page.goto(`${shop.url}/people`);
  await page.getByRole('spinbutton', { name: 'Go to row' }).fill(String(all.total));
  await page.getByRole('button', { name: 'Go', exact: true }).click();
  await expect(page.getByRole('grid')).toContainText(last.rows[0]?.id ?? 'nobody');
  await expect(page).toHaveURL(/row=\d+/);
});

test('nobody found says so and offers the way back', async ({ page, shop }) => {
  await page.goto(`${shop.url}/people?q=zzzzzz`);
  await expect(page.getByText('Nobody matches')).toBeVisible();
  await page.getByRole('button', { name: 'Clear all filters' }).click();
  await expect(page.getByRole('row').nth(1)).toContainText('user:');
});
