/** Adding, pairing, pausing, renaming and deleting, seen live from a second window. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstAddresses, openPage, signedInState, site, startBrowser, visit } from './support';

let browser: Browser;
let state: Awaited<ReturnType<typeof signedInState>>;

beforeAll(async () => {
  browser = await startBrowser();
  state = await signedInState(browser);
});

afterAll(async () => {
  await browser.close();
});

test('an integration lives from its form to its deletion, and another window follows', async () => {
  const name = `Avaya integration - browser test ${Date.now()}`;
  const watcher = await openPage(browser, { state });
  await visit(watcher.page, '/integrations');
  const { page, troubles, close } = await openPage(browser, { state });

  await visit(page, '/integrations');
  await page.getByRole('link', { name: 'Add integration' }).click();
  await page.getByLabel('Unique name').fill(name);
  await page.getByRole('button', { name: 'Add integration' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
  expect(await page.locator('main').innerText()).toContain('floorwire-link run --hub');
  const row = watcher.page.getByRole('row', { name: new RegExp(name) });
  await row.waitFor();

  // No Link waits with this PIN.
  await page.getByLabel(/six-digit PIN/).fill('000 000');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('alert').waitFor();

  await page.getByRole('button', { name: 'Pause import' }).click();
  await page.getByRole('button', { name: 'Resume import' }).waitFor();
  await row.getByText('Paused').waitFor();
  await page.getByRole('button', { name: 'Resume import' }).click();
  await page.getByRole('button', { name: 'Pause import' }).waitFor();
  await row.getByText('Connecting').waitFor();

  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Unique name').fill(`${name}, renamed`);
  await page.getByLabel('Database time zone').fill('Mars/Olympus');
  expect(await page.getByRole('button', { name: 'Save integration' }).isDisabled()).toBe(true);
  await page.getByLabel('Database time zone').fill('Europe/Berlin');
  await page.getByRole('button', { name: 'Save integration' }).click();
  await page.getByRole('heading', { level: 1, name: `${name}, renamed` }).waitFor();
  await watcher.page.getByRole('row', { name: /renamed/ }).waitFor();

  await page.getByRole('button', { name: 'Delete integration' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.innerText()).toContain(`${name}, renamed`);
  expect(await dialog.innerText()).toContain('queues stay');
  await page.keyboard.press('Escape');
  expect(await dialog.count()).toBe(0);
  await page.getByRole('button', { name: 'Delete integration' }).click();
  await dialog.getByRole('button', { name: 'Delete integration' }).click();
  await page.getByRole('heading', { level: 1, name: 'Integrations' }).waitFor();
  await watcher.page.getByRole('row', { name: /renamed/ }).waitFor({ state: 'detached' });

  // The PIN that nobody waits with is the one refusal on the way.
  expect(troubles.filter((trouble) => !/status of (404|422)/.test(trouble))).toEqual([]);
  expect(watcher.troubles).toEqual([]);
  await close();
  await watcher.close();
});

test('two integrations cannot have one name', async () => {
  const { page, close } = await openPage(browser, { state });
  await visit(page, '/integrations');
  const taken = await page.locator('tbody a.name').first().innerText();
  await visit(page, '/integrations/new');
  await page.getByLabel('Unique name').fill(taken);
  await page.getByRole('button', { name: 'Add integration' }).click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.innerText()).toContain('Another integration has this name');
  await close();
});

test('without a Hub the page says what to do, and goes on when it is back', async () => {
  const { page, close } = await openPage(browser, { state });
  await page.route('**/api/v1/queues?**', (route) => route.abort());
  await page.goto(`${site.url}/queues`);
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.innerText()).toContain('The Hub cannot be reached');
  await page.unroute('**/api/v1/queues?**');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.locator('tbody a.name').first().waitFor();
  await close();
});

test('a connection string leaves the browser with its secrets sealed', async () => {
  const { page, close } = await openPage(browser, { state });
  const { integration } = await firstAddresses(page);
  await visit(page, `${integration}/settings`);
  const field = page.getByLabel('Connection string');
  const save = page.getByRole('button', { name: 'Save integration' }).last();
  await field.fill('DSN=AvayaCMS;PWD={marked secret');
  await page.getByText('opens a brace that is never closed').waitFor();
  expect(await save.isDisabled()).toBe(true);
  await field.fill('DSN=AvayaCMS;UID=reader;PWD={marked;secret}');
  expect(await page.locator('code.open').innerText()).toBe('DSN=AvayaCMS;UID=reader;PWD={sealed}');

  // The Hub of the other tests keeps its connection: the answer is made here.
  let sent = '';
  await page.route('**/api/v1/integrations/*', (route) => {
    if (route.request().method() !== 'PATCH') return route.fallback();
    sent = route.request().postData() ?? '';
    const problem = {
      type: '/problems/invalid-connection-string',
      code: 'invalid-connection-string',
      title: 't',
      status: 422,
    };
    return route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      body: JSON.stringify(problem),
    });
  });
  await save.click();
  await page.getByRole('alert').waitFor();
  const { configuration } = JSON.parse(sent) as {
    configuration: { connectionString: { open: string; sealed: string }; zone?: string };
  };
  expect(configuration.connectionString.open).toBe('DSN=AvayaCMS;UID=reader;PWD={sealed}');
  expect(Buffer.from(configuration.connectionString.sealed, 'base64').length).toBeGreaterThan(48);
  expect(sent).not.toContain('marked');
  expect(configuration.zone).toBeUndefined();
  await close();
});

test('a day is read again, and the figures stay what they were', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { integration, queue } = await firstAddresses(page);
  const answer = await page.request.get(`${site.url}/api/v1${queue}`);
  const { lastDate } = (await answer.json()) as { lastDate: string };
  const totals = async () => {
    await visit(page, `${queue}?date=${lastDate}`);
    return page.locator('.totals dd').allInnerTexts();
  };
  const before = await totals();
  await visit(page, `${integration}/completeness?date=${lastDate}`);
  expect(await page.getByLabel('First day').inputValue()).toBe(lastDate);
  await page.getByRole('button', { name: 'Re-import' }).click();
  await page.getByText(/reads? (is|are) planned/).waitFor();
  expect((await totals()).slice(0, 5)).toEqual(before.slice(0, 5));
  expect(troubles).toEqual([]);
  await close();
});
