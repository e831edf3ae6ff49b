import { expect, test } from './server.ts';

test('the language switches everywhere and is remembered', async ({ page, shop }) => {
  await page.goto(shop.url);
  await page.getByRole('button', { name: '切换到中文' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('关系沙漏');
  await expect(page.getByTestId('hourglass-micro')).toContainText('微关系');
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await page.goto(`${shop.url}/people`);
  await expect(page.getByRole('columnheader', { name: '层级' })).toBeVisible();
  await page.getByRole('button', { name: 'Switch to English' }).click();
  await expect(page.getByRole('columnheader', { name: 'Tier', exact: true })).toBeVisible();
});

test('dark is dark before the first picture, and remembered', async ({ page, shop }) => {
  await page.goto(shop.url);
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('menuitem', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red = 255] = (background.match(/\d+/g) ?? []).map(Number);
  expect(red).toBeLessThan(60);
  await page.goto(shop.url, { waitUntil: 'commit' });
  await page.waitForSelector('body', { state: 'attached' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('the system decides until someone chooses', async ({ page, shop }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(shop.url);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
});

test('words are explained on hover and on focus', async ({ page, shop }) => {
  const list = await shop.get<{ rows: { id: string }[] }>('/people?limit=1');
  await page.goto(`${shop.url}/person/${encodeURIComponent(list.rows[0]?.id ?? '')}`);
  await page.locator('.term', { hasText: 'Uncertainty' }).first().focus();
  await expect(page.getByRole('tooltip')).toContainText('How little is known');
});

for (const [path, name] of [['/', 'hourglass'], ['/people', 'people'], ['/changes', 'changes'], ['/what-if', 'what-if'], ['/system', 'system'], ['/system?tab=model', 'model'], ['/system?tab=sql', 'sql']] as const) {
  test(`at 375 px nothing runs off the side: ${name}`, async ({ page, shop }) => {
    await page.setViewportSize({ width: 375, height: 812 });
    await page.goto(shop.url + path, { waitUntil: 'networkidle' });
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
  });
}

test('at 375 px a person can be read, tab by tab', async ({ page, shop }) => {
  const list = await shop.get<{ rows: { id: string }[] }>('/people?limit=1');
  await page.setViewportSize({ width: 375, height: 812 });
  for (const tab of ['overview', 'why', 'gates', 'timeline']) {
    await page.goto(`${shop.url}/people/${encodeURIComponent(list.rows[0]?.id ?? '')}?tab=${tab}`, { waitUntil: 'networkidle' });
    await expect(page.getByTestId('person')).toBeVisible();
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(widths[0], tab).toBeLessThanOrEqual(widths[1] ?? 0);
  }
});
