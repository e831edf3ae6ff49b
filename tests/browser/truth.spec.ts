import { expect, test } from './server.ts';

interface Truth {
  people: number;
  predictors: { name: string; purchases: { parts: { part: number; people: number }[] } | null }[];
}

test('an earlier day is looked back on, and every part leads to its people', async ({ page, shop }) => {
  await page.goto(`${shop.url}/truth`);
  await page.getByText('30 days', { exact: true }).click();
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  const report = page.getByTestId('truth-report');
  await expect(report).toBeVisible({ timeout: 30_000 });
  await expect(report).toContainText('Had bought by then');
  const truth = await shop.get<Truth>('/truth/1');
  expect(truth.people).toBeGreaterThan(0);

  await report.getByText('As a table').last().click();
  await report.locator('details[open] .event-link').first().click();
  const drawer = page.getByRole('dialog');
  await expect(drawer.locator('a.person-link').first()).toBeVisible();
  await expect(drawer).toContainText('as known at the opening of');
});

test('the page is read in Chinese and kept by its address', async ({ page, shop }) => {
  await page.goto(`${shop.url}/truth`);
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await expect(page.getByTestId('truth-report')).toBeVisible({ timeout: 30_000 });
  await page.locator('.language-switch').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('是真的吗？');
  await page.reload();
  await expect(page.getByTestId('truth-report')).toContainText('当时已购买的人');
});
