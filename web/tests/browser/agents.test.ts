/** What the pages of agents show is what the API says, and the settings of agent data ask before they change anything. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstAddresses, openPage, settled, signedInState, site, startBrowser, visit } from './support';

interface Status {
  start: string;
  end: string;
  state: string;
  hold: string;
}

interface Statuses {
  resolution: 'second' | 'interval' | 'unknown';
  statuses: Status[];
}

let browser: Browser;
let state: Awaited<ReturnType<typeof signedInState>>;

beforeAll(async () => {
  browser = await startBrowser();
  state = await signedInState(browser);
});

afterAll(async () => {
  await browser.close();
});

/** The first agent whose newest day has such a resolution, with what the API says of that day. */
async function agentWith(page: Page, resolution: Statuses['resolution']) {
  const answer = await page.request.get(`${site.url}/api/v1/agents?limit=1000`);
  const { items } = (await answer.json()) as { items: { id: number; lastDate: string | null }[] };
  for (const { id, lastDate } of items) {
    if (!lastDate) continue;
    const next = new Date(Date.parse(`${lastDate}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
    const of = await page.request.get(`${site.url}/api/v1/agents/${id}/statuses?from=${lastDate}&to=${next}`);
    const statuses = (await of.json()) as Statuses;
    if (statuses.resolution === resolution && statuses.statuses.length > 0) return { id, statuses };
  }
  throw new Error(`no agent with resolution ${resolution}: the tests need traced and untraced agents`);
}

test('a traced day shows every status of the API, in the drawing and in the table', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { id, statuses } = await agentWith(page, 'second');
  await visit(page, `/agents/${id}`);
  const rows = page.locator('table.statuses tbody tr');
  expect(await rows.count()).toBe(statuses.statuses.length);
  const withLength = statuses.statuses.filter(
    (status) => status.end !== status.start && status.state !== 'unstaffed',
  );
  expect(await page.locator('svg rect.bar').count()).toBe(withLength.length);
  expect(await page.locator('.badge').innerText()).toContain('Trace');
  const probable = statuses.statuses.filter((status) => status.hold === 'probable').length;
  expect(await page.getByRole('cell', { name: 'Other, probably hold', exact: true }).count()).toBe(probable);
  expect(troubles).toEqual([]);
  await close();
});

test('the timeline can be walked through by keyboard and says each status', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { id } = await agentWith(page, 'second');
  await visit(page, `/agents/${id}`);
  await page.getByRole('button', { name: 'Next status' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  const second = page.locator('table.statuses tbody tr').nth(1);
  expect(await second.getAttribute('aria-current')).toBe('true');
  const name = (await second.locator('td.state').innerText()).trim();
  expect(await page.locator('.shown').innerText()).toContain(name);
  await page.getByRole('button', { name: '30 min' }).click();
  expect(await page.locator('svg rect.bar').count()).toBeGreaterThan(0);
  expect(troubles).toEqual([]);
  await close();
});

test('an untraced day is marked and claims no states', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { id } = await agentWith(page, 'interval');
  await visit(page, `/agents/${id}`);
  expect(await page.locator('.badge').innerText()).toBe('Interval resolution');
  const names = await page.locator('table.statuses td.state').allInnerTexts();
  expect(new Set(names.map((name) => name.trim()))).toEqual(new Set(['Logged in']));
  expect(troubles).toEqual([]);
  await close();
});

test('days of a changed clock have their own hours, told apart by the offset', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { agent } = await firstAddresses(page);
  for (const [date, halfHours] of [
    ['2026-10-25', 50],
    ['2026-03-29', 46],
  ] as const) {
    await visit(page, `${agent}?date=${date}`);
    const times = await page.locator('table.figures tbody th').allInnerTexts();
    expect(times.length).toBe(halfHours);
    expect(new Set(times).size).toBe(halfHours);
    expect(await page.locator('h2.period').innerText()).toMatch(
      /Europe\/Paris \(UTC\+0[12]:00 \/ \+0[12]:00\)/,
    );
  }
  expect(troubles).toEqual([]);
  await close();
});

test('a search narrows the agents; ACD and integration stand with each', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  await visit(page, '/agents');
  const login = await page.locator('tbody td.numeric').first().innerText();
  await page.getByRole('searchbox').fill(login);
  await page.waitForURL(/search=/);
  await settled(page);
  const cells = await page.locator('tbody tr').first().locator('td').allInnerTexts();
  expect(cells[0]).toBe(login);
  expect(cells[1]).toBe('1');
  expect(cells[2]).toContain('Avaya integration');
  await page.getByRole('searchbox').fill('zz-nobody');
  await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
  expect(troubles).toEqual([]);
  await close();
});

test('a change of scope says what it means before anything is changed', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { integration } = await firstAddresses(page);
  await visit(page, `${integration}/settings`);
  await page.getByLabel('Scope', { exact: true }).selectOption('logins');
  await page.getByRole('button', { name: 'Save scope' }).click();
  await page.getByText('Name at least one').waitFor();
  await page.getByLabel('Some login IDs', { exact: true }).fill('nonsense:x');
  await page.getByText('“nonsense:x” cannot be read').waitFor();
  await page.getByLabel('Some login IDs', { exact: true }).fill('1:4021');
  await page.getByRole('button', { name: 'Save scope' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('is deleted').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  const answer = await page.request.get(`${site.url}/api/v1${integration}`);
  const { configuration } = (await answer.json()) as { configuration: { agentScope: { kind: string } } };
  expect(configuration.agentScope.kind).toBe('all');
  expect(troubles).toEqual([]);
  await close();
});

test('what was found about agent tables is shown with its evidence', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { integration } = await firstAddresses(page);
  await visit(page, `${integration}/settings`);
  const row = page.locator('tr', { hasText: 'Is event_time the start or the end' });
  expect(await row.innerText()).toMatch(/Start of the status[\s\S]*certain[\s\S]*for, \d+ against/);
  expect(await page.locator('tr', { hasText: /^Work mode/ }).count()).toBeGreaterThan(5);
  expect(troubles).toEqual([]);
  await close();
});

test('capabilities are spelled out by table and ACD', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { integration } = await firstAddresses(page);
  await visit(page, `${integration}/capabilities`);
  const text = await page.locator('main').innerText();
  expect(text).toMatch(/hagent has \d+ AUX reasons/);
  expect(text).toMatch(/agents? of ACD 1 (is|are) traced on the newest date/);
  expect(await page.locator('tr', { has: page.getByRole('rowheader', { name: 'hsplit' }) }).count()).toBe(2);
  expect(troubles).toEqual([]);
  await close();
});
