/** Every page, light and dark, narrow, and in three languages. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  firstAddresses,
  openPage,
  overflow,
  seriousFindings,
  signedInState,
  startBrowser,
  visit,
} from './support';

let browser: Browser;
let state: Awaited<ReturnType<typeof signedInState>>;
let addresses: { integration: string; queue: string; agent: string };

beforeAll(async () => {
  browser = await startBrowser();
  state = await signedInState(browser);
  const { page, close } = await openPage(browser, { state });
  addresses = await firstAddresses(page);
  await close();
});

afterAll(async () => {
  await browser.close();
});

const PAGES: readonly { name: string; path: () => string; signedOut?: boolean }[] = [
  { name: 'sign in', path: () => '/sign-in', signedOut: true },
  { name: 'integrations', path: () => '/integrations' },
  { name: 'add integration', path: () => '/integrations/new' },
  { name: 'integration', path: () => addresses.integration },
  { name: 'completeness', path: () => `${addresses.integration}/completeness` },
  { name: 'journal', path: () => `${addresses.integration}/journal` },
  { name: 'settings', path: () => `${addresses.integration}/settings` },
  { name: 'capabilities', path: () => `${addresses.integration}/capabilities` },
  { name: 'agents', path: () => '/agents' },
  { name: 'agent, day', path: () => addresses.agent },
  { name: 'queues', path: () => '/queues' },
  { name: 'queue, day', path: () => addresses.queue },
  { name: 'queue, week', path: () => `${addresses.queue}?span=week` },
  { name: 'password and sessions', path: () => '/account/security' },
  { name: 'access tokens', path: () => '/account/tokens' },
  { name: 'users', path: () => '/account/users' },
  { name: 'access log', path: () => '/account/log' },
  { name: 'one-time link that does not work', path: () => '/invitation/none', signedOut: true },
  { name: 'nowhere', path: () => '/nowhere' },
];

describe.each(PAGES)('page: $name', ({ path, signedOut }) => {
  const options = () => (signedOut ? {} : { state });

  test.each([false, true])('axe finds nothing serious, and nothing goes wrong (dark: %s)', async (dark) => {
    const { page, troubles, close } = await openPage(browser, { ...options(), dark });
    await visit(page, path());
    expect(await seriousFindings(page)).toEqual([]);
    expect(troubles).toEqual([]);
    await close();
  });

  test.each(['en', 'fr', 'de'] as const)('fits into 360 pixels (%s)', async (locale) => {
    const { page, close } = await openPage(browser, { ...options(), locale, width: 360 });
    await visit(page, path());
    expect(await overflow(page)).toBe(0);
    await close();
  });

  test('has a title, one main heading and the language of its text', async () => {
    const titles = new Set<string>();
    for (const locale of ['en', 'fr', 'de'] as const) {
      const { page, close } = await openPage(browser, { ...options(), locale });
      await visit(page, path());
      expect(await page.locator('html').getAttribute('lang')).toBe(locale);
      expect(await page.locator('h1').count()).toBe(1);
      const title = await page.title();
      expect(title).toMatch(/ · Floorwire$/);
      titles.add(await page.locator('body').innerText());
      await close();
    }
    expect(titles.size).toBe(3);
  });
});

test('terms are those of the field', async () => {
  const terms = {
    fr: ['Reçus', 'Répondus', 'Abandonnés', 'Qualité de service'],
    de: ['Eingehende', 'Angenommene', 'Abgebrochene', 'Servicelevel'],
  } as const;
  for (const locale of ['fr', 'de'] as const) {
    const { page, close } = await openPage(browser, { state, locale });
    await visit(page, addresses.queue);
    const text = await page.locator('main').innerText();
    for (const term of terms[locale]) expect(text).toContain(term);
    await close();
  }
});

test('the choice of language and appearance changes the page in place and is remembered', async () => {
  const { page, troubles, close } = await openPage(browser, { state });
  await visit(page, '/integrations');
  await page.getByRole('button', { name: 'Account and display' }).click();
  await page.getByLabel('Language').selectOption('fr');
  await page.getByRole('heading', { level: 1, name: 'Intégrations' }).waitFor();
  await page.getByLabel('Apparence').selectOption('dark');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Intégrations' }).waitFor();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  expect(troubles).toEqual([]);
  await close();
});
