/** The application without a pointer. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstAddresses, openPage, settled, signedInState, startBrowser, visit } from './support';

let browser: Browser;
let state: Awaited<ReturnType<typeof signedInState>>;

beforeAll(async () => {
  browser = await startBrowser();
  state = await signedInState(browser);
});

afterAll(async () => {
  await browser.close();
});

/** Presses Tab until the focused element's text or label fits; the focus must be visible on the way. */
async function tabTo(page: Page, wanted: RegExp): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement)) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const name = element.getAttribute('aria-label') ?? element.innerText;
      return { name: name.trim(), visible: outlineStyle !== 'none' && outlineWidth !== '0px' };
    });
    if (!focused) continue;
    expect(focused.visible, `focus on “${focused.name}” can be seen`).toBe(true);
    if (wanted.test(focused.name)) return;
  }
  throw new Error(`no element named ${wanted} was reached by Tab`);
}

test('the first stop leads past the navigation', async () => {
  const { page, close } = await openPage(browser, { state });
  await visit(page, '/integrations');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  await close();
});

test('from the list to the ledger, and through its days', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { integration } = await firstAddresses(page);
  await visit(page, integration);
  await tabTo(page, /^Completeness$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 2, name: 'Completeness by day' }).waitFor();
  await settled(page);

  await tabTo(page, /\d{4}: /);
  const focusedDate = () =>
    page.evaluate(() => (document.activeElement as HTMLElement).dataset['date'] ?? '');
  const day = await focusedDate();
  await page.keyboard.press('ArrowLeft');
  const before = await focusedDate();
  expect(Date.parse(day) - Date.parse(before)).toBe(86_400_000);
  await page.keyboard.press('ArrowUp');
  expect(Date.parse(before) - Date.parse(await focusedDate())).toBe(7 * 86_400_000);
  await page.keyboard.press('PageUp');
  expect((await focusedDate()) < before).toBe(true);
  expect(await page.locator('.day[tabindex="0"]').count()).toBe(1);
  expect(new URL(page.url()).searchParams.get('date')).toBe(await focusedDate());
  expect(troubles).toEqual([]);
  await close();
});

test('a queue by day and week', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { queue } = await firstAddresses(page);
  await visit(page, queue);
  await tabTo(page, /^Week$/);
  await page.keyboard.press('Enter');
  await settled(page);
  expect(new URL(page.url()).searchParams.get('span')).toBe('week');
  await tabTo(page, /^Previous week$/);
  await page.keyboard.press('Enter');
  await settled(page);
  expect(new URL(page.url()).searchParams.get('date')).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(troubles).toEqual([]);
  await close();
});

test('the menu closes with Escape and gives the focus back', async () => {
  const { page, close } = await openPage(browser, { state });
  await visit(page, '/queues');
  const opener = page.getByRole('button', { name: 'Account and display' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Language').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.getByLabel('Language').count()).toBe(0);
  expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true);
  await close();
});
