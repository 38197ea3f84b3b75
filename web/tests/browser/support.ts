/**
 * Chromium against a running Hub.
 *
 * The Hub's address and login come from FLOORWIRE_TEST_URL, FLOORWIRE_TEST_EMAIL and FLOORWIRE_TEST_PASSWORD; without
 * them the tests fail and say who sets them. Each file has a browser of its own with its own user data. Pages that are
 * watched must not ask another host, break the Content-Security-Policy or write an error to the console.
 */
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect } from 'vitest';

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: \`cargo xtask test\` starts a Hub and sets it`);
  return value.replace(/\/$/, '');
}

export const site = {
  get url() {
    return required('FLOORWIRE_TEST_URL');
  },
  get email() {
    return required('FLOORWIRE_TEST_EMAIL');
  },
  get password() {
    return required('FLOORWIRE_TEST_PASSWORD');
  },
};

function executable(): string {
  const named = process.env['CHROMIUM'];
  if (named) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'chromium')).find((path) => existsSync(path));
  if (!found) throw new Error('chromium is not on PATH: install it, or name it in CHROMIUM');
  return found;
}

/** Starts Chromium. It refuses its sandbox as root, so it runs without one there. */
export function startBrowser(): Promise<Browser> {
  const asRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: executable(),
    args: [
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(asRoot ? ['--no-sandbox'] : []),
    ],
  });
}

type State = Awaited<ReturnType<BrowserContext['storageState']>>;

/** Signs in once and gives the cookies, for the contexts of a file. */
export async function signedInState(browser: Browser): Promise<State> {
  const context = await browser.newContext();
  const answer = await context.request.post(`${site.url}/api/v1/session`, {
    data: { email: site.email, password: site.password },
    headers: { Origin: site.url },
  });
  expect(answer.status()).toBe(200);
  const state = await context.storageState();
  await context.close();
  return state;
}

export interface PageOptions {
  state?: State;
  locale?: 'en' | 'fr' | 'de';
  dark?: boolean;
  width?: number;
  /** Where the pages come from; the running Hub when left out. */
  origin?: string;
}

/** A page that is watched, and what went wrong on it so far. */
export interface Watched {
  page: Page;
  troubles: string[];
  close: () => Promise<void>;
}

/** Opens a watched page of a context of its own. */
export async function openPage(browser: Browser, options: PageOptions = {}): Promise<Watched> {
  const width = options.width ?? 1440;
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 800 : 900 },
    locale: options.locale ?? 'en',
    colorScheme: options.dark ? 'dark' : 'light',
    ...(options.state ? { storageState: options.state } : {}),
  });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // Chromium writes each refused request to the console; a page may well ask who is signed in, or what is not there.
    const expected = /status of (401|404)/.test(message.text());
    if (message.type() === 'error' && !expected) troubles.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== (options.origin ?? site.url))
      troubles.push(`foreign request: ${request.url()}`);
  });
  return { page, troubles, close: () => context.close() };
}

/** Goes to a page and waits until its data is there. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(site.url + path);
  await settled(page);
}

/** Waits until a heading is there and nothing is loading. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').waitFor();
  await page.waitForFunction(() => document.querySelector('.skeleton, .stale') === null);
}

/** What axe finds that is serious or critical, as lines. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const result = await page.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
  );
  return result.violations
    .filter((finding) => finding.impact === 'serious' || finding.impact === 'critical')
    .map((finding) => `${finding.id}: ${finding.nodes.map((node) => node.html).join(' | ')}`);
}

/** Pixels by which the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** The addresses of the first integration, queue and agent that the Hub has. */
export async function firstAddresses(
  page: Page,
): Promise<{ integration: string; queue: string; agent: string }> {
  const first = async (path: string): Promise<string> => {
    const answer = await page.request.get(`${site.url}/api/v1${path}`);
    expect(answer.status()).toBe(200);
    const { items } = (await answer.json()) as { items: { id: number | string }[] };
    const [item] = items;
    if (!item) throw new Error(`the Hub has nothing under ${path}: the tests need imported calls and agents`);
    return String(item.id);
  };
  return {
    integration: `/integrations/${await first('/integrations')}`,
    queue: `/queues/${await first('/queues')}`,
    agent: `/agents/${await first('/agents')}`,
  };
}
