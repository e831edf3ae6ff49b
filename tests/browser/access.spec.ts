// Coming in, being kept out, and what an admin does about users, keys and the trail.
import { admin, expect, serve, test } from './server.ts';

test('nobody sees anything before the login, and the way out ends it', async ({ page, shop, context }) => {
  await context.clearCookies();
  await page.goto(`${shop.url}/people`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Log in');
  await expect(page.getByRole('navigation')).toHaveCount(0);
  await page.getByLabel('User name').fill(admin.name);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('alert')).toContainText('wrong');
  await page.getByLabel('Password', { exact: true }).fill(admin.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('columnheader', { name: 'Tier', exact: true })).toBeVisible();
  const cookies = await context.cookies();
  expect(cookies.find((one) => one.name === 'guanxi-session')).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  await page.getByRole('button', { name: 'My account and logout' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Log in');
});

test('the first admin comes in by the link on the console, once', async ({ page }) => {
  await serve('localhost', {}, async ({ url, said }) => {
    await page.goto(`${url}/`);
    await expect(page.getByText(/console/)).toBeVisible();
    const link = said().match(/\/welcome#[0-9a-f]{48}/)?.[0] ?? '';
    await page.goto(url + link);
    await page.getByLabel('User name').fill('root');
    await page.getByLabel('Password', { exact: true }).fill('tea at four, twice');
    await page.getByLabel('Password once more').fill('tea at four, twice');
    await page.getByRole('button', { name: 'Set password and log in' }).click();
    await expect(page.getByText('No events yet')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Access', exact: true })).toBeVisible();
    await page.goto(`${url}/account`);
    await page.goto(url + link);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link has been used, or is too old');
  }, false);
});

test('an invited user comes in by the link, once, and sees what the role may', async ({ page, shop, browser }) => {
  await page.goto(`${shop.url}/access`);
  await page.getByLabel('User name').fill('ben');
  await page.getByRole('button', { name: 'Add user' }).click();
  const link = (await page.getByTestId('once').locator('code').textContent()) ?? '';
  expect(link).toMatch(/\/welcome#[0-9a-f]{48}$/);
  await expect(page.getByTestId('users')).toContainText('invited');

  const context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(link);
  await expect(other.getByText('This link is for ben')).toBeVisible();
  expect(other.url()).toBe(`${shop.url}/welcome`);
  await other.getByLabel('Password', { exact: true }).fill('tea at four, twice');
  await other.getByLabel('Password once more').fill('tea at four, twice');
  await other.getByRole('button', { name: 'Set password and log in' }).click();
  await expect(other.getByRole('link', { name: 'Hourglass' })).toBeVisible();
  for (const hidden of ['What-if', 'Access']) await expect(other.getByRole('link', { name: hidden, exact: true })).toHaveCount(0);
  await other.goto(link);
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('This link has been used, or is too old');

  await page.reload();
  await page.getByRole('row', { name: /ben/ }).getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('button', { name: 'Yes' }).click();
  await expect(page.getByRole('row', { name: /ben/ })).toContainText('disabled');
  await other.goto(`${shop.url}/people`);
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Log in');
  await context.close();
});

test('a source shows its key once, and the trail says who made it', async ({ page, shop }) => {
  await page.goto(`${shop.url}/access?tab=sources`);
  await page.getByLabel('Name', { exact: true }).fill('web <b>shop</b>');
  await page.getByRole('button', { name: 'Add source' }).click();
  await expect(page.getByTestId('once').locator('code')).toHaveText(/^gxw_[0-9a-f]{40}$/);
  await page.getByRole('button', { name: 'I have it' }).click();
  await expect(page.getByTestId('once')).toHaveCount(0);
  await expect(page.getByTestId('sources')).toContainText('web <b>shop</b>');
  await page.getByRole('tab', { name: 'Audit trail' }).click();
  const row = page.getByTestId('audit').getByRole('row', { name: /source\.add/ }).first();
  await expect(row).toContainText(admin.name);
  await expect(row).toContainText('sdk:web');
  await page.getByRole('button', { name: 'Check the chain' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Whole' })).toBeVisible();
});

for (const path of ['/access', '/access?tab=sources', '/access?tab=audit', '/account']) {
  test(`at 375 px nothing runs off the side: ${path}`, async ({ page, shop }) => {
    await page.setViewportSize({ width: 375, height: 812 });
    await page.goto(shop.url + path, { waitUntil: 'networkidle' });
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
  });
}
