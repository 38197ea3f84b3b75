/** Users, invitations, passwords, sessions, access tokens and the access log, as people use them. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPage, seriousFindings, settled, signedInState, site, startBrowser, visit } from './support';

let browser: Browser;
let state: Awaited<ReturnType<typeof signedInState>>;
/** Somebody new on each run: the Hub may be one that has run these tests before. */
const email = `new-${Date.now()}@browser.example`;
const FIRST = 'first-Passw0rd-5521';
const SECOND = 'second-Passw0rd-5522';

beforeAll(async () => {
  browser = await startBrowser();
  state = await signedInState(browser);
});

afterAll(async () => {
  await browser.close();
});

async function choosePassword(page: Page, password: string): Promise<void> {
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByLabel('Repeat the new password').fill(password);
}

test('somebody is invited by a link, joins, changes the password, and is switched off', async () => {
  const owner = await openPage(browser, { state });
  await visit(owner.page, '/account/users');
  await owner.page.getByLabel('Email address').fill(email);
  await owner.page.getByLabel('Role', { exact: true }).selectOption('planner');
  await owner.page.getByRole('button', { name: 'Make invitation link' }).click();
  const shown = owner.page.getByLabel(`Invitation for ${email}`, { exact: true });
  await shown.waitFor();
  const link = await shown.inputValue();
  expect(link).toContain(`${site.url}/invitation/fwo_`);
  expect(await shown.evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await seriousFindings(owner.page)).toEqual([]);

  const guest = await openPage(browser);
  await guest.page.goto(link);
  await settled(guest.page);
  expect(await guest.page.getByLabel('Email address').inputValue()).toBe(email);
  expect(await seriousFindings(guest.page)).toEqual([]);
  await guest.page.getByLabel('New password', { exact: true }).fill(FIRST);
  await guest.page.getByLabel('Repeat the new password').fill('something else');
  await guest.page.getByText('The two passwords differ.').waitFor();
  await guest.page.getByLabel('Repeat the new password').fill(FIRST);
  await guest.page.keyboard.press('Enter');
  await guest.page.getByRole('heading', { level: 1, name: 'Integrations' }).waitFor();

  await visit(guest.page, '/account/users');
  expect(await guest.page.getByRole('heading', { level: 1 }).innerText()).toBe('Page not found');
  await visit(guest.page, '/account/security');
  await guest.page.getByLabel('Present password').fill('certainly wrong');
  await choosePassword(guest.page, SECOND);
  await guest.page.getByRole('button', { name: 'Change password' }).click();
  const alert = guest.page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.innerText()).toContain('The present password is wrong');
  await guest.page.getByLabel('Present password').fill(FIRST);
  await guest.page.getByRole('button', { name: 'Change password' }).click();
  await guest.page.getByText('Your password is changed.').waitFor();

  await owner.page.reload();
  await settled(owner.page);
  await owner.page.getByLabel('Search users').fill(email);
  await owner.page.getByLabel(`Role of ${email}`).selectOption('viewer');
  await owner.page.getByText('Saved').first().waitFor();
  await owner.page.getByRole('button', { name: `Switch off ${email}` }).click();
  const question = owner.page.getByRole('dialog');
  await question.getByRole('button', { name: 'Switch off' }).click();
  await owner.page.getByRole('button', { name: `Switch on ${email}` }).waitFor();

  await guest.page.goto(`${site.url}/queues`);
  await guest.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await guest.page.goto(link);
  await guest.page.getByRole('alert').waitFor();
  expect(await guest.page.getByRole('alert').innerText()).toContain('This link does not work');
  // Chromium writes the refused change of the password to the console.
  expect(guest.troubles.filter((trouble) => !trouble.includes('422'))).toEqual([]);
  expect(owner.troubles).toEqual([]);
  await guest.close();
  await owner.close();
});

test('an access token is shown once, listed and revoked', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  await visit(page, '/account/tokens');
  const name = `token ${Date.now()}`;
  await page.getByLabel('Purpose').fill(name);
  await page.getByLabel('May', { exact: true }).selectOption('queues');
  await page.getByRole('button', { name: 'Make access token' }).click();
  const shown = page.getByLabel('Your access token', { exact: true });
  await shown.waitFor();
  const token = await shown.inputValue();
  const ask = (path: string) =>
    fetch(`${site.url}/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
  expect((await ask('/queues')).status).toBe(200);
  expect((await ask('/agents')).status).toBe(403);
  await page.reload();
  await settled(page);
  expect(await page.locator('body').innerText()).not.toContain(token);
  await page.getByRole('button', { name: `Revoke ${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText(`“${name}” is revoked.`).waitFor();
  expect((await ask('/queues')).status).toBe(401);
  expect(troubles).toEqual([]);
  await close();
});

test('sessions are listed, and another one is ended', async () => {
  const mine = await openPage(browser, { state: await signedInState(browser) });
  await visit(mine.page, '/account/security');
  await mine.page.getByText('(this one)').waitFor();
  const other = await openPage(browser, { state: await signedInState(browser) });
  await visit(other.page, '/queues');
  await mine.page.reload();
  await settled(mine.page);
  const ends = mine.page.getByRole('button', { name: /^End the session/ });
  const before = await ends.count();
  await ends.first().click();
  await mine.page.getByText('Ended.').waitFor();
  await expect.poll(() => ends.count()).toBeLessThan(before);
  expect(mine.troubles).toEqual([]);
  await other.close();
  await mine.close();
});

test('the access log is searched and exported', async () => {
  const { page, troubles, close } = await openPage(browser, { state: await signedInState(browser) });
  await visit(page, '/account/log');
  await page.getByRole('combobox', { name: 'Action' }).selectOption('user.invited');
  await page.getByRole('searchbox', { name: 'What' }).fill(email);
  const row = page.getByRole('row').filter({ hasText: email });
  await row.first().waitFor();
  await expect.poll(() => page.getByRole('row').count()).toBe(2);
  expect(await row.first().innerText()).toContain('User invited');
  await expect.poll(() => new URL(page.url()).searchParams.get('object')).toBe(email);
  const href = await page.getByRole('link', { name: 'Export as CSV' }).getAttribute('href');
  const answer = await page.request.get(site.url + (href ?? ''));
  expect(answer.headers()['content-type']).toContain('text/csv');
  expect((await answer.text()).split('\n').filter((line) => line.includes(email)).length).toBe(1);
  await page.getByRole('searchbox', { name: 'Who' }).fill('nobody at all');
  await page.getByRole('heading', { name: 'No entries' }).waitFor();
  await page.getByRole('button', { name: 'Clear search' }).click();
  await page.getByRole('row').nth(1).waitFor();
  expect(troubles).toEqual([]);
  await close();
});
