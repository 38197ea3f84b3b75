/** Signing in, coming back to where one was, signing out. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPage, settled, site, startBrowser } from './support';

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
});

test('a wrong password is refused with a remedy, the right one leads back to the page that was asked for', async () => {
  const { page, troubles, close } = await openPage(browser);
  await page.goto(`${site.url}/queues?search=zz-none`);
  await page.getByLabel('Email address').fill(site.email);
  await page.getByLabel('Password').fill('certainly not this one');
  await page.keyboard.press('Enter');
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.innerText()).toContain('Address or password is wrong');
  expect(await page.getByLabel('Password').inputValue()).toBe('');

  await page.getByLabel('Password').fill(site.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Queues' }).waitFor();
  expect(new URL(page.url()).search).toBe('?search=zz-none');
  await settled(page);

  await page.getByRole('button', { name: 'Account and display' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.goto(`${site.url}/integrations`);
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  expect(troubles).toEqual([]);
  await close();
});

test('nothing of the account is on a page before signing in', async () => {
  const { page, close } = await openPage(browser);
  await page.goto(`${site.url}/integrations`);
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
  await close();
});
