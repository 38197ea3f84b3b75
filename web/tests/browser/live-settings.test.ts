/** The settings of real-time data: refusals stand where they belong, and a profile can be tried before it is saved. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { feedOf, LiveSite } from './live-site';
import { openPage, overflow, seriousFindings, startBrowser, type PageOptions } from './support';

let browser: Browser;
let site: LiveSite;

const REALTIME = {
  enabled: true,
  closeWhilePaused: false,
  feeds: [{ port: 7001, bind: null, allowFrom: ['10.1.0.0/16'], acd: 1, profile: 'rta-codes-delimited' }],
};
const PROFILE = { shipped: true, version: 0, savedAt: null, savedBy: null, ports: [] as number[] };
const TEXT = 'name = "own"\nperiod = 3\nseparator = ","\n';

function integration() {
  const now = new Date().toISOString();
  return {
    id: 1,
    name: 'Avaya integration',
    source: 'avaya-cms',
    status: { state: 'operational', since: now, problem: null },
    lastImportAt: now,
    latestDataPoint: now,
    dataTypes: ['callHistory'],
    realtime: {
      state: 'problem',
      problem: null,
      latestDataPoint: null,
      feeds: [feedOf(Date.now(), 0, { state: 'portInUse', peer: null, confirmedAt: null })],
      buffer: null,
    },
    link: null,
    createdAt: now,
    configuration: {
      zone: 'Europe/Paris',
      startDate: null,
      connectionString: null,
      grouping: 'split',
      offeredDefinition: 'acdcalls+abncalls',
      vdnOfferedDefinition: 'incalls',
      callDirection: 'all',
      vdns: {},
      acdZones: {},
      agentScope: { kind: 'off' },
      agentTables: { acds: {}, workModes: {}, auxReasons: {} },
      businessHours: { acds: {}, holidays: {}, useLearned: true, quietMinutes: 60 },
      outageTime: null,
      quietHours: [],
      rereading: {},
      realtime: REALTIME,
      genericAbsence: false,
      agentDetail: false,
    },
  };
}

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  site = new LiveSite({
    'GET /integrations/1': integration(),
    'GET /integrations/1/feedProfiles': {
      items: [
        { ...PROFILE, name: 'rta-codes-delimited', text: 'name = "rta"\n', ports: [7001] },
        { ...PROFILE, name: 'own', shipped: false, version: 2, text: TEXT, savedBy: 'someone@example.com' },
      ],
    },
    'GET /integrations/1/feedProfiles/own': {
      items: [
        { ...PROFILE, name: 'own', shipped: false, version: 2, text: TEXT },
        { ...PROFILE, name: 'own', shipped: false, version: 1, text: 'name = "older"\n' },
      ],
    },
  });
  await site.start();
});

afterEach(async () => {
  await site.stop();
});

async function settings(options: PageOptions = {}) {
  const watched = await openPage(browser, { ...options, origin: site.url });
  await watched.page.goto(`${site.url}/integrations/1/settings`);
  await watched.page
    .getByRole('heading', { name: options.locale === 'de' ? 'Feed-Profile' : 'Feed profiles' })
    .waitFor();
  return watched;
}

test('a port in use is said beside it, and a refusal stands at its field', async () => {
  site.answers['PATCH /integrations/1'] = {
    status: 422,
    body: {
      code: 'invalid-realtime',
      title: 'x',
      detail: '`realtime.feeds[0].allowFrom`: `nonsense` is not an address or network',
      remedy: 'write it as 10.1.2.3',
      faults: [],
    },
  };
  const { page, close } = await settings();
  expect(await page.locator('[data-state="portInUse"]').innerText()).toMatch(
    /Port in use[\s\S]*Another program/,
  );
  const field = page.getByLabel('Allow from');
  await field.fill('nonsense');
  await page.getByRole('button', { name: 'Save real-time data' }).click();
  await page.getByText('is not an address or network. write it as').waitFor();
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  await close();
});

test('a profile shows its versions, its faults by line, and how the last lines read', async () => {
  site.answers['PUT /integrations/1/feedProfiles/own'] = {
    status: 422,
    body: {
      code: 'invalid-feed-profile',
      title: 'x',
      faults: [{ line: 2, key: 'period', message: 'write a number of seconds' }],
    },
  };
  site.answers['POST /integrations/1/feedPreview'] = {
    lines: [
      { text: '1,A1,20,0', reading: 'record', fields: { login: 'A1', state: 'available' } },
      { text: 'garbage', reading: 'fieldCount', fields: {} },
    ],
    detail: null,
  };
  const { page, close } = await settings();
  await page.getByRole('combobox', { name: 'Profile', exact: true }).last().selectOption('own');
  const text = page.getByLabel('Text (TOML)');
  expect(await text.inputValue()).toBe(TEXT);
  await page.getByLabel('Version').selectOption('1');
  expect(await text.inputValue()).toContain('older');
  await page.getByLabel('Version').selectOption('2');
  await page.getByRole('button', { name: 'Save profile' }).click();
  await page.getByText('write a number of seconds').waitFor();
  await page.getByRole('button', { name: 'Line 2' }).click();
  const chosen = await text.evaluate((area: HTMLTextAreaElement) =>
    area.value.slice(area.selectionStart, area.selectionEnd),
  );
  expect(chosen).toBe('period = 3');
  await page.getByRole('button', { name: 'Show preview' }).click();
  await page.getByText('Rejected: fieldCount').waitFor();
  expect(await page.getByText('login: A1, state: available').count()).toBe(1);
  await close();
});

test.each([
  ['light', {}],
  ['narrow', { width: 360, dark: true, locale: 'de' as const }],
] as const)('the settings have no serious findings and fit the window: %s', async (name, options) => {
  const { page, close } = await settings(options);
  expect(await seriousFindings(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  const folder = process.env['FLOORWIRE_SCREENSHOTS'];
  if (folder) await page.screenshot({ path: `${folder}/settings-${name}.png`, fullPage: true });
  await close();
});
