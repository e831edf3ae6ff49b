import { writeFileSync } from 'node:fs';
import { expect, test } from './server.ts';

interface Model {
  toml: string;
  hash: string;
}

test('the active model as its own draft moves nobody', async ({ page, shop }) => {
  await page.goto(`${shop.url}/what-if`);
  await expect(page.getByText('Nothing is changed.')).toBeVisible();
  await page.getByRole('button', { name: 'Run what-if' }).click();
  const result = page.getByTestId('what-if-result');
  await expect(result).toContainText('Nobody would move');
  await expect(result).toContainText('0 would rise');
});

test('a stricter draft from a file moves people, shows whom, and changes nothing', async ({ page, shop }, info) => {
  const model = await shop.get<Model>('/model');
  const before = await shop.get<{ tiers: { people_to: number }[] }>('/hourglass');
  // Twice as much must be put in before a dimension counts as half deep.
  const draft = model.toml.replace(/(\bsaturation\s*=\s*)([\d.]+)/g, (_, head: string, value: string) => `${head}${(Number(value) * 2).toFixed(2)}`);
  expect(draft).not.toBe(model.toml);
  const file = info.outputPath('draft.toml');
  writeFileSync(file, draft);
  await page.goto(`${shop.url}/what-if`);
  await page.locator('input[type=file]').setInputFiles(file);
  await expect(page.getByText('From the file draft.toml')).toBeVisible();
  await page.getByRole('button', { name: 'Run what-if' }).click();
  const result = page.getByTestId('what-if-result');
  await expect(result).toContainText('would fall');
  await expect(result.locator('.delta[data-sign="down"]').last()).toBeVisible();
  const mover = result.locator('a.person-link').first();
  const id = (await mover.textContent()) ?? '';
  await mover.click();
  await expect(page.getByTestId('person').getByRole('heading', { level: 1 })).toHaveText(id);

  expect((await shop.get<Model>('/model')).hash).toBe(model.hash);
  expect((await shop.get<typeof before>('/hourglass')).tiers).toEqual(before.tiers);
});

test('a broken draft is shown where it is broken', async ({ page, shop }) => {
  const model = await shop.get<Model>('/model');
  const lines = model.toml.split('\n');
  const at = lines.findIndex((line) => /^\s*dimension\s*=/.test(line));
  expect(at).toBeGreaterThan(0);
  lines[at] = 'dimension = "sales"';
  await page.goto(`${shop.url}/what-if`);
  const editor = page.getByRole('textbox', { name: 'Text of the draft model' });
  await expect(editor).toHaveValue(model.toml);
  await editor.fill(lines.join('\n'));
  await page.getByRole('button', { name: 'Check only' }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('sales');
  await expect(alert).toContainText(`Line ${at + 1}`);
  await expect(page.locator('.toml-gutter .bad')).toHaveText(String(at + 1));

  await page.getByRole('button', { name: 'Run what-if' }).click();
  await expect(page.getByRole('alert')).toContainText('sales');
  await expect(page.getByTestId('what-if-result')).toHaveCount(0);

  await page.getByRole('button', { name: 'Undo edits' }).click();
  await page.getByRole('button', { name: 'Check only' }).click();
  await expect(page.getByText('The model is complete and in range.')).toBeVisible();
});

test('text that is no TOML at all gets a place too', async ({ page, shop }) => {
  await page.goto(`${shop.url}/what-if`);
  const editor = page.getByRole('textbox', { name: 'Text of the draft model' });
  await expect(editor).not.toHaveValue('');
  await editor.fill('[model\nname = ');
  await page.getByRole('button', { name: 'Check only' }).click();
  await expect(page.getByRole('alert')).toContainText(/Line \d+, column \d+/);
});

test('a model that comes with Guanxi can be tried', async ({ page, shop }) => {
  const models = await shop.get<{ models: { file: string; active: boolean }[] }>('/models');
  const other = models.models.find((model) => !model.active);
  expect(other).toBeDefined();
  await page.goto(`${shop.url}/what-if?model=${encodeURIComponent(other?.file ?? '')}`);
  await page.getByRole('button', { name: 'Run what-if' }).click();
  await expect(page.getByTestId('what-if-result')).toBeVisible();
});
