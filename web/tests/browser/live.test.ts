/** The board of agents now: its rows are what the stream said last, whatever happens to stream, feed and Hub. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LiveAgent } from '../../src/lib/api/board';
import { agentOf, feedOf, LiveSite } from './live-site';
import { openPage, overflow, seriousFindings, settled, startBrowser, type PageOptions } from './support';

let browser: Browser;
let site: LiveSite;

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  site = new LiveSite();
  await site.start();
});

afterEach(async () => {
  await site.stop();
});

function fill(count: number): void {
  const now = Date.now();
  for (let number = 0; number < count; number += 1) {
    const agent = agentOf(number, now);
    site.agents.set(agent.key, agent);
  }
  site.feeds = [feedOf(now, count)];
}

async function board(options: PageOptions = {}, query = '') {
  const watched = await openPage(browser, { ...options, origin: site.url });
  await watched.page.goto(`${site.url}/live${query}`);
  await settled(watched.page);
  return watched;
}

const rowOf = (page: Page, key: string) => page.locator(`[data-key="${key}"]`);

/** What the drawn rows say, by key. */
function drawn(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLElement>('[data-key]')].map((row) => [
        row.dataset['key'] ?? '',
        row.querySelector('.status')?.textContent?.trim() ?? '',
      ]),
    ),
  );
}

test('5,000 rows with a hundred changes a second stay what the stream said', async () => {
  fill(5000);
  const { page, troubles, close } = await board();
  const grid = page.getByRole('grid');
  expect(await grid.getAttribute('aria-rowcount')).toBe('5001');
  expect(await page.locator('[data-key]').count()).toBeLessThan(80);
  const changed = new Map<string, LiveAgent>();
  for (let round = 0; round < 30; round += 1) {
    const now = Date.now();
    const agents = Array.from({ length: 10 }, (_, index) => {
      const number = round % 2 === 0 ? index : (round * 131 + index * 17) % 5000;
      const agent: LiveAgent = {
        ...agentOf(number, now),
        state: round % 3 === 0 ? 'aux' : 'available',
        reason: null,
        reasonName: null,
        direction: null,
        skill: null,
        since: new Date(now).toISOString(),
      };
      changed.set(agent.key, agent);
      return agent;
    });
    site.send(agents);
    await page.waitForTimeout(100);
  }
  site.send([{ ...agentOf(0, Date.now()), state: 'afterCall', direction: null }]);
  await rowOf(page, agentOf(0, 0).key).getByText('After-call work').waitFor();
  const rows = await drawn(page);
  for (const [key, agent] of changed) {
    if (key === agentOf(0, 0).key || rows[key] === undefined) continue;
    expect(rows[key], key).toContain(agent.state === 'aux' ? 'AUX' : 'Available');
  }
  const counts = await page.locator('.count .number').allInnerTexts();
  const sum = counts.reduce((total, text) => total + Number(text.replace(/\D/g, '')), 0);
  expect(sum).toBe(5000);
  expect(troubles).toEqual([]);
  await close();
});

test('rows are reached by keyboard, and the grid says which one is active', async () => {
  fill(300);
  const { page, troubles, close } = await board();
  const grid = page.getByRole('grid');
  await grid.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const active = () =>
    page.evaluate(() => {
      const id = document.querySelector('[role=grid]')?.getAttribute('aria-activedescendant');
      return id ? (document.getElementById(id)?.getAttribute('aria-rowindex') ?? null) : null;
    });
  await expect.poll(active).toBe('3');
  await page.keyboard.press('End');
  await expect.poll(active).toBe('301');
  await page.keyboard.press('PageUp');
  await page.keyboard.press('Home');
  await expect.poll(active).toBe('2');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/agents\/1$/);
  expect(troubles).toEqual([]);
  await close();
});

test('counts choose statuses, search and order narrow and turn the rows', async () => {
  fill(60);
  const { page, troubles, close } = await board();
  await page.getByRole('button', { name: /^Available/ }).click();
  await page.waitForURL(/status=available/);
  await expect.poll(() => page.getByRole('grid').getAttribute('aria-rowcount')).toBe('11');
  await page.getByRole('searchbox').fill('4006');
  await expect.poll(() => page.getByRole('grid').getAttribute('aria-rowcount')).toBe('2');
  await page.getByRole('searchbox').fill('');
  await expect.poll(() => new URL(page.url()).searchParams.get('search')).toBeNull();
  await page.getByRole('button', { name: 'All statuses' }).click();
  await page.getByRole('columnheader', { name: 'Agent', exact: true }).getByRole('button').click();
  await page.waitForURL(/order=desc/);
  await expect.poll(() => page.locator('[aria-rowindex="2"]').innerText()).toContain('Agent 0059');
  expect(await page.locator('[aria-sort]').getAttribute('aria-sort')).toBe('descending');
  expect(troubles).toEqual([]);
  await close();
});

test('a stale feed greys the board: every status reads unknown, with the cause, and nobody is absent', async () => {
  fill(40);
  const { page, troubles, close } = await board();
  const confirmed = new Date(Date.now() - 60_000).toISOString();
  const lost = [...site.agents.values()].map((agent) => ({
    ...agent,
    state: 'unknown' as const,
    lastState: agent.state,
    unknownCause: 'frozen' as const,
    since: confirmed,
  }));
  const feed = feedOf(Date.now(), 40, { state: 'lost', unknownCause: 'frozen', unknownSince: confirmed });
  site.send(lost, [], [feed]);
  await page.getByText('The statuses are unknown').waitFor();
  expect(await page.locator('.notice').innerText()).toContain('same content again and again');
  const texts = Object.values(await drawn(page));
  expect(texts.length).toBeGreaterThan(10);
  for (const text of texts) expect(text).toMatch(/^Unknown since .*before: /s);
  expect(await page.locator('.greyed').count()).toBe(1);
  expect(await page.locator('main').innerText()).not.toMatch(/absent\b(?!:)/);
  expect(await seriousFindings(page)).toEqual([]);
  expect(troubles).toEqual([]);
  await close();
});

test('after a lost stream the page resumes at the last event', async () => {
  fill(10);
  const { page, close } = await board();
  site.send([{ ...agentOf(1, Date.now()), state: 'aux', reason: null }]);
  await rowOf(page, agentOf(1, 0).key).getByText('AUX').waitFor();
  site.drop();
  await expect.poll(() => site.resumed.length, { timeout: 20_000 }).toBe(2);
  expect(site.resumed).toEqual([undefined, '2']);
  await close();
});

test('without the Hub every status is unknown, and what to do is said', async () => {
  fill(10);
  const { page, close } = await board();
  await site.stop();
  await page.getByText('The connection to the Hub is lost').waitFor({ timeout: 40_000 });
  for (const text of Object.values(await drawn(page))) expect(text).toMatch(/^Unknown since/);
  await site.start();
  await close();
});

test.each([
  ['off', 'No real-time data yet'],
  ['never', 'The feed has never connected'],
  ['nobody', 'No agents are logged in'],
] as const)('an empty board says why: %s', async (why, heading) => {
  const now = Date.now();
  if (why === 'never') {
    const nothing = { confirmedAt: null, lastRecordAt: null, peer: null, periodMs: null };
    site.feeds = [feedOf(now, 0, { state: 'listening', ...nothing })];
  } else if (why === 'nobody') site.feeds = [feedOf(now, 0)];
  const { page, troubles, close } = await board();
  await page.getByRole('heading', { name: heading }).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  expect(troubles).toEqual([]);
  await close();
});

test.each([
  ['light', { width: 1440 }],
  ['dark', { width: 1440, dark: true }],
  ['narrow', { width: 360 }],
  ['narrow-de', { width: 360, locale: 'de' as const, dark: true }],
  ['wide-fr', { width: 2560, locale: 'fr' as const }],
] as const)('has no serious findings and fits the window: %s', async (name, options) => {
  fill(200);
  const { page, troubles, close } = await board(options);
  expect(await seriousFindings(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  const folder = process.env['FLOORWIRE_SCREENSHOTS'];
  if (folder) await page.screenshot({ path: `${folder}/live-${name}.png` });
  expect(troubles).toEqual([]);
  await close();
});
