import { expect, test } from './server.ts';

test('the hourglass is reached and followed with the keyboard alone', async ({ page, shop }) => {
  await page.goto(shop.url);
  await expect(page.getByTestId('hourglass-micro')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
  for (let i = 0; i < 40; ++i) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement?.getAttribute('data-testid') === 'hourglass-micro')) break;
  }
  await expect(page.getByTestId('hourglass-micro')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/people\?tier=micro/);
});

test('the list is walked with arrows, and Enter opens the person', async ({ page, shop }) => {
  await page.goto(`${shop.url}/people?sort=orders`);
  const rows = await shop.get<{ rows: { id: string }[] }>('/people?sort=orders&limit=5');
  const grid = page.getByRole('grid');
  await expect(grid).toContainText(rows.rows[2]?.id ?? 'nobody');
  await grid.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(encodeURIComponent(rows.rows[2]?.id ?? 'nobody')));
  await expect(page.getByTestId('person')).toBeVisible();
});

test('End and Home reach the ends of the list', async ({ page, shop }) => {
  const all = await shop.get<{ total: number }>('/people?limit=1');
  const last = await shop.get<{ rows: { id: string }[] }>(`/people?limit=1&offset=${all.total - 1}`);
  await page.goto(`${shop.url}/people`);
  await expect(page.getByRole('row').nth(1)).toContainText('user:');
  await page.getByRole('grid').focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('grid')).toContainText(last.rows[0]?.id ?? 'nobody');
  await page.keyboard.press('Home');
  await expect(page.locator('#person-row-0')).toBeVisible();
});

test('focus can be seen', async ({ page, shop }) => {
  await page.goto(shop.url);
  await expect(page.getByTestId('hourglass-micro')).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  const outline = await page.evaluate(() => {
    const style = getComputedStyle(document.activeElement ?? document.body);
    return [style.outlineStyle, parseFloat(style.outlineWidth)];
  });
  expect(outline[0]).not.toBe('none');
  expect(outline[1]).toBeGreaterThanOrEqual(2);
});
