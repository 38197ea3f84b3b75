/** What the queue page shows is what the API says, and what is missing stays missing. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstAddresses, openPage, settled, signedInState, site, startBrowser, visit } from './support';

interface Slot {
  start: string;
  quality: string;
  offered: number | null;
  answered: number | null;
  abandoned: number | null;
  talkSeconds: number | null;
  holdSeconds: number | null;
  acwSeconds: number | null;
}

interface Answer {
  slots: Slot[];
  totals: Slot & { coverage: { slots: number; withData: number } };
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

const shown = (value: number | null) => (value === null ? '–' : new Intl.NumberFormat('en').format(value));
const known = (value: number | null) => value ?? 0;

test('the table and totals of a day equal the API’s answer', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { queue } = await firstAddresses(page);
  const [request] = await Promise.all([
    page.waitForResponse((response) => /\/intervals\?/.test(response.url()) && response.ok()),
    page.goto(site.url + queue),
  ]);
  await settled(page);
  const answer = (await request.json()) as Answer;
  const rows = await page
    .locator('.figures tbody tr')
    .evaluateAll((lines) =>
      lines.map((line) => [...line.children].map((cell) => (cell as HTMLElement).innerText.trim())),
    );
  expect(rows.length).toBe(answer.slots.length);
  for (const [index, slot] of answer.slots.entries()) {
    const row = rows[index] ?? [];
    expect(row.slice(2, 5)).toEqual([shown(slot.offered), shown(slot.answered), shown(slot.abandoned)]);
    const time = known(slot.talkSeconds) + known(slot.holdSeconds) + known(slot.acwSeconds);
    const aht = slot.answered ? Math.round(time / slot.answered) : null;
    const rounded = row[7] === '–' ? null : Number(row[7]?.replaceAll(',', ''));
    if (aht === null) expect(rounded).toBeNull();
    else expect(Math.abs((rounded ?? -9) - aht)).toBeLessThanOrEqual(1);
    if (slot.offered === null) expect(row.slice(2).every((cell) => cell === '–')).toBe(true);
  }
  const sum = answer.slots.reduce((total, slot) => total + known(slot.answered), 0);
  const totals = await page.locator('.totals dd').allInnerTexts();
  expect(totals[1]).toBe(shown(sum));
  expect(await page.locator('.chart canvas').count()).toBe(2);
  expect(troubles).toEqual([]);
  await close();
});

test('a week before the first data shows nothing rather than noughts', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  const { queue } = await firstAddresses(page);
  await visit(page, `${queue}?span=week&date=2001-01-03`);
  const cells = await page.locator('.figures tbody td.numeric').allInnerTexts();
  expect(cells.length).toBeGreaterThan(0);
  expect(new Set(cells.map((cell) => cell.trim()))).toEqual(new Set(['–']));
  expect((await page.locator('.totals dd').allInnerTexts())[0]).toBe('–');
  expect(troubles).toEqual([]);
  await close();
});

test('the CSV link gives the same period with units in its header', async () => {
  const { page, close } = await openPage(browser, { state });
  const { queue } = await firstAddresses(page);
  await visit(page, queue);
  const rows = await page.locator('.figures tbody tr').count();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV' }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const lines = Buffer.concat(chunks).toString('utf8').trim().split(/\r?\n/);
  expect(lines[0]).toContain('talk_s');
  expect(lines.length - 1).toBe(rows);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  await close();
});

test('a search narrows the queues, and says so when nothing fits', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  await visit(page, '/queues');
  const name = await page.locator('tbody a.name').first().innerText();
  await page.getByRole('searchbox').fill(name);
  await page.waitForURL(/search=/);
  await settled(page);
  const names = await page.locator('tbody a.name').allInnerTexts();
  expect(names).toContain(name);
  await page.getByRole('searchbox').fill('zz-no-such-queue');
  await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
  await page.getByRole('button', { name: 'Clear search' }).click();
  await page.locator('tbody a.name').first().waitFor();
  expect(troubles).toEqual([]);
  await close();
});
