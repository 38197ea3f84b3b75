/** What is missing is listed with its cause and can be read again; hours and holidays are entered and kept. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  firstAddresses,
  openPage,
  seriousFindings,
  signedInState,
  site,
  startBrowser,
  visit,
} from './support';

let browser: Browser;
let state: Awaited<ReturnType<typeof signedInState>>;

beforeAll(async () => {
  browser = await startBrowser();
  state = await signedInState(browser);
});

afterAll(async () => {
  await browser.close();
});

test('the list of gaps is the API’s, and a gap can be read again', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { integration } = await firstAddresses(page);
  const [response] = await Promise.all([
    page.waitForResponse((answer) => /\/gaps\?/.test(answer.url()) && answer.ok()),
    page.goto(`${site.url}${integration}/completeness`),
  ]);
  const { items } = (await response.json()) as { items: { cause: string; reimportable: boolean }[] };
  const card = page.getByRole('region', { name: 'Gaps' });
  await card.waitFor();
  if (items.length === 0) {
    await card.getByText(/Nothing is missing/).waitFor();
  } else {
    await card.locator('tbody tr').first().waitFor();
    expect(await card.locator('tbody tr').count()).toBe(items.length);
    const again = card.getByRole('button', { name: /^Re-import / });
    expect(await again.count()).toBe(items.filter((gap) => gap.reimportable).length);
    if ((await again.count()) > 0) {
      const [accepted] = await Promise.all([
        page.waitForResponse((answer) => answer.url().endsWith('/reimport')),
        again.first().click(),
      ]);
      expect(accepted.status()).toBe(202);
    }
  }
  expect(await seriousFindings(page)).toEqual([]);
  expect(troubles).toEqual([]);
  await close();
});

test('three years lead to a month, by keyboard alone', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { integration } = await firstAddresses(page);
  await visit(page, `${integration}/completeness?scale=months`);
  expect(await page.locator('button.month').count()).toBe(36);
  const last = page.locator('button.month[tabindex="0"]');
  await last.focus();
  await page.keyboard.press('ArrowLeft');
  const month = await page.evaluate(() => document.activeElement?.getAttribute('data-month'));
  expect(month).toMatch(/-01$/);
  expect(await seriousFindings(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.locator(`[data-date="${month}"]`).waitFor();
  expect(await page.locator(`[data-date="${month}"]`).getAttribute('aria-pressed')).toBe('true');
  expect(troubles).toEqual([]);
  await close();
});

test('hours and holidays are entered, refused when wrong, and kept', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { integration } = await firstAddresses(page);
  const kept = await page.request.get(`${site.url}/api/v1${integration}`);
  const before = ((await kept.json()) as { configuration: { businessHours: unknown } }).configuration;
  await visit(page, `${integration}/settings`);
  const card = page.getByRole('region', { name: 'Business hours and holidays' });
  await card.getByLabel('Set hours for this ACD').first().check();
  const monday = card.getByLabel('Monday').first();
  await monday.fill('8 to 6');
  const save = card.getByRole('button', { name: 'Save hours' });
  expect(await save.isDisabled()).toBe(true);
  await card.getByRole('alert').waitFor();
  // Always closed: the alarm about silence must not meet the other tests.
  for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])
    await card.getByLabel(day, { exact: true }).first().fill('');
  await card.getByLabel('Public holidays of').selectOption({ label: 'Germany' });
  await card.getByLabel('Region', { exact: true }).selectOption({ label: 'Bayern' });
  await card.getByLabel('Closed day', { exact: true }).fill(`${new Date().getFullYear()}-06-17`);
  await card.getByLabel('Name (optional)').fill('works outing');
  await card.getByRole('button', { name: 'Add closed day' }).click();
  const [saved] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === 'PATCH'),
    save.click(),
  ]);
  expect(saved.status()).toBe(200);
  await card.getByText('Epiphany').waitFor();
  await card.getByText('works outing').waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await page.request.patch(`${site.url}/api/v1${integration}`, {
    data: { configuration: { businessHours: before.businessHours } },
    headers: { Origin: site.url },
  });
  expect(troubles).toEqual([]);
  await close();
});
