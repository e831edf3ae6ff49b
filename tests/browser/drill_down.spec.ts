import { expect, test } from './server.ts';

test('from the hourglass to the people, a person, a line of evidence and the original event', async ({ page, shop }) => {
  await page.goto(shop.url);
  await page.getByTestId('hourglass-weak').click();
  const grid = page.getByRole('grid');
  await expect(grid.getByRole('row').nth(1)).toContainText('Weak');
  await grid.getByRole('row').nth(1).click();
  await expect(page).toHaveURL(/\/people\/user%3A[^?]+\?tier=weak/);
  const person = page.getByTestId('person');
  await expect(person.getByRole('heading', { level: 1 })).toHaveText(/^user:/);
  await person.getByRole('tab', { name: 'Explanation' }).click();
  const evidence = page.getByTestId('evidence');
  await evidence.getByRole('button').filter({ hasText: /order/i }).first().click();
  await expect(page).toHaveURL(/event=\d+/);
  const original = page.locator('.event-drawer pre');
  await expect(original).toContainText('"occurred_at"');
  const event = JSON.parse((await original.textContent()) ?? '') as Record<string, unknown>;
  expect(event).toHaveProperty('occurred_at');

  // The address alone leads back to the same event.
  await page.reload();
  await expect(page.locator('.event-drawer pre')).toContainText('"occurred_at"');
});

test('the lines of an explanation add up to the index, to the thousandth', async ({ page, shop }) => {
  const list = await shop.get<{ rows: { id: string; index_milli: number }[] }>('/people?sort=index&limit=3');
  for (const row of list.rows) {
    await page.goto(`${shop.url}/person/${encodeURIComponent(row.id)}?tab=why`);
    const shown = await page.getByTestId('index-total').textContent();
    expect(Math.round(Number(shown) * 1000)).toBe(row.index_milli);
    const parts = await page.locator('.waterfall tr:not(.sum) td:last-child').allTextContents();
    const sum = parts.filter((text) => text !== '–').reduce((total, text) => total + Math.round(Number(text.replace('−', '-')) * 1000), 0);
    expect(sum).toBe(row.index_milli);
    const lines = await page.locator('table.lines tbody td:last-child .num, table.lines tfoot tr:not(.sum) td:last-child').allTextContents();
    const total = lines.reduce((all, text) => all + Math.round(Number(text.replace('−', '-')) * 1000), 0);
    expect(total).toBe(row.index_milli);
  }
});

test('an earlier day shows the person as they stood then', async ({ page, shop }) => {
  const list = await shop.get<{ rows: { id: string }[] }>('/people?sort=index&limit=1');
  const id = list.rows[0]?.id ?? '';
  const then = await shop.get<{ reading: { index_milli: number } }>(`/people/${encodeURIComponent(id)}?at=2011-01-15`);
  await page.goto(`${shop.url}/person/${encodeURIComponent(id)}?at=2011-01-15`);
  await expect(page.locator('.panel-head .big').first()).toHaveText((then.reading.index_milli / 1000).toFixed(1));
});

test('nobody of that name is said plainly', async ({ page, shop }) => {
  await page.goto(`${shop.url}/person/user%3Anobody-at-all`);
  await expect(page.getByRole('alert')).toContainText('Not found');
});
