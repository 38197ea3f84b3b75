/**
 * The one door to the Hub's public API.
 *
 * Each function answers with the body or throws an `ApiProblem`. An answer "not signed in" is told to the listener
 * set by `onSignedOut`, whatever request met it. The session cookie travels by itself; nothing secret is kept here.
 */
import createClient from 'openapi-fetch';
import { ApiProblem, asProblem, isAbort, problemOf } from './problem';
import type { paths } from './schema.gen';
import type {
  Capabilities,
  GapPage,
  HolidayCountries,
  Integration,
  IntegrationChange,
  Intervals,
  JournalPage,
  Ledger,
  Link,
  Load,
  Queue,
  QueuePage,
  ReimportPreview,
  Session,
  SetAsidePage,
  SiteHours,
  SourceVdns,
} from './types';

/** The typed client, for the modules beside this one only. */
export const client = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' });
const PAGE_SIZE = 1000;

let signedOut: () => void = () => undefined;

/** Sets who is told that the session has ended. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

export interface Answer {
  data?: unknown;
  error?: unknown;
  response: Response;
}

export async function send(request: Promise<Answer>): Promise<unknown> {
  let answer: Answer;
  try {
    answer = await request;
  } catch (thrown) {
    if (isAbort(thrown)) throw thrown;
    throw asProblem(thrown);
  }
  if (answer.response.ok) return answer.data;
  const problem = problemOf(answer.response, answer.error);
  if (problem.code === 'not-signed-in') signedOut();
  throw problem;
}

/** For operations that answer with a body; a missing one is a fault of whatever stands between page and Hub. */
export async function read<T>(
  request: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const body = await send(request as Promise<Answer>);
  if (body === undefined || body === null || typeof body !== 'object') {
    throw new ApiProblem(0, 'unexpected-answer', 'the answer has no body');
  }
  return body as T;
}

/** Sends and reads JSON at an address; for operations without a body in the answer the outcome is empty. */
export async function sendJson<T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  address: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const request = fetch(address, {
    method,
    credentials: 'same-origin',
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...cancel(signal),
  });
  const answer = request.then(async (response): Promise<Answer> => {
    const text = await response.text();
    const parsed = text === '' ? undefined : parsedOrNothing(text);
    return response.ok ? { data: parsed, response } : { error: parsed, response };
  });
  if (method === 'DELETE') return (await send(answer)) as T;
  return read(answer as Promise<{ data?: T; error?: unknown; response: Response }>);
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Ids are numbers; addresses of pages bring them as text. Text that is no number becomes one that never exists. */
export type Id = string | number;

export const idOf = (id: Id): number => {
  const number = Number(id);
  return Number.isSafeInteger(number) ? number : 0;
};
export const path = (id: Id) => ({ params: { path: { id: idOf(id) } } });
export const cancel = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

/** Who is signed in. */
export function fetchSession(): Promise<Session> {
  return read(client.GET('/api/v1/session'));
}

/** Opens a session; the cookie comes with the answer. */
export function signIn(email: string, password: string): Promise<Session> {
  return read(client.POST('/api/v1/session', { body: { email, password } }));
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  await send(client.DELETE('/api/v1/session') as Promise<Answer>);
}

/** All integrations of the account, page by page. */
export async function fetchIntegrations(signal?: AbortSignal): Promise<Integration[]> {
  const items: Integration[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: PAGE_SIZE };
    if (cursor !== null) query.cursor = cursor;
    const page: { items: Integration[]; nextCursor?: string | null } = await read(
      client.GET('/api/v1/integrations', { params: { query }, ...cancel(signal) }),
    );
    items.push(...page.items);
    cursor = page.nextCursor ?? null;
  } while (cursor !== null);
  return items;
}

/** One integration. */
export function fetchIntegration(id: Id, signal?: AbortSignal): Promise<Integration> {
  return read(client.GET('/api/v1/integrations/{id}', { ...path(id), ...cancel(signal) }));
}

/** Creates an integration of the Avaya CMS kind. */
export function createIntegration(name: string): Promise<Integration> {
  return read(client.POST('/api/v1/integrations', { body: { name, source: 'avaya-cms' } }));
}

/** Changes the named fields only. */
export function changeIntegration(id: Id, change: IntegrationChange): Promise<Integration> {
  return read(client.PATCH('/api/v1/integrations/{id}', { ...path(id), body: change }));
}

/** Deletes an integration; imported data and queues stay. */
export async function deleteIntegration(id: Id): Promise<void> {
  await send(client.DELETE('/api/v1/integrations/{id}', path(id)) as Promise<Answer>);
}

/** Pairs the Link that shows this PIN with the integration. */
export async function pairLink(id: Id, pin: string): Promise<Link> {
  const { link } = await read(client.POST('/api/v1/integrations/{id}/pair', { ...path(id), body: { pin } }));
  return link;
}

/** Stops importing until it is resumed. */
export function pauseIntegration(id: Id): Promise<Integration> {
  return read(client.POST('/api/v1/integrations/{id}/pause', path(id)));
}

/** Goes on importing, the missed part included. */
export function resumeIntegration(id: Id): Promise<Integration> {
  return read(client.POST('/api/v1/integrations/{id}/resume', path(id)));
}

/** Asks the Link to examine the connection; the outcome shows in the integration's status. */
export async function verifyIntegration(id: Id): Promise<void> {
  await send(client.POST('/api/v1/integrations/{id}/verify', path(id)) as Promise<Answer>);
}

/** Reads a period again; `to` is exclusive. Answers with the number of tasks planned. */
export async function reimport(id: Id, stream: string, from: string, to: string): Promise<number> {
  const body = { stream, from, to };
  const { tasks } = await read(client.POST('/api/v1/integrations/{id}/reimport', { ...path(id), body }));
  return tasks;
}

/** Reads a period to find out what reading it again would change; `to` is exclusive. Answers with the preview's number. */
export async function previewReimport(id: Id, stream: string, from: string, to: string): Promise<number> {
  const body = { stream, from, to, preview: true };
  const answer = await read(client.POST('/api/v1/integrations/{id}/reimport', { ...path(id), body }));
  return answer.preview ?? 0;
}

/** What a preview found so far. */
export function fetchReimportPreview(
  id: Id,
  preview: number,
  signal?: AbortSignal,
): Promise<ReimportPreview> {
  return read(
    client.GET('/api/v1/integrations/{id}/reimports/{preview}', {
      params: { path: { id: idOf(id), preview } },
      ...cancel(signal),
    }),
  );
}

/** The ledger of a period; `to` is exclusive. */
export function fetchLedger(
  id: Id,
  stream: string,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<Ledger> {
  const params = { path: { id: idOf(id) }, query: { from, to, stream } };
  return read(client.GET('/api/v1/integrations/{id}/ledger', { params, ...cancel(signal) }));
}

/** A page of what is missing in a period, newest first; `to` is exclusive. */
export function fetchGaps(
  id: Id,
  stream: string,
  from: string,
  to: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<GapPage> {
  const query = { stream, from, to, limit: 25, ...(cursor === null ? {} : { cursor }) };
  return read(
    client.GET('/api/v1/integrations/{id}/gaps', {
      params: { path: { id: idOf(id) }, query },
      ...cancel(signal),
    }),
  );
}

/** When the ACDs are open, as set and as learned, and the closed days of a year. */
export function fetchBusinessHours(id: Id, year: number, signal?: AbortSignal): Promise<SiteHours> {
  const params = { path: { id: idOf(id) }, query: { year } };
  return read(client.GET('/api/v1/integrations/{id}/businessHours', { params, ...cancel(signal) }));
}

/** Countries and regions whose public holidays the Hub knows. */
export function fetchHolidayCountries(signal?: AbortSignal): Promise<HolidayCountries> {
  return read(client.GET('/api/v1/holidays/countries', cancel(signal)));
}

/** A page of the restatement journal, newest first. */
export function fetchJournal(id: Id, cursor: string | null, signal?: AbortSignal): Promise<JournalPage> {
  const query = { limit: 50, ...(cursor === null ? {} : { cursor }) };
  return read(
    client.GET('/api/v1/integrations/{id}/journal', {
      params: { path: { id: idOf(id) }, query },
      ...cancel(signal),
    }),
  );
}

/** Reads that were set aside. */
export function fetchSetAside(id: Id, signal?: AbortSignal): Promise<SetAsidePage> {
  return read(client.GET('/api/v1/integrations/{id}/setAside', { ...path(id), ...cancel(signal) }));
}

/** What the site's database was found to offer. */
export function fetchCapabilities(id: Id, signal?: AbortSignal): Promise<Capabilities> {
  return read(client.GET('/api/v1/integrations/{id}/capabilities', { ...path(id), ...cancel(signal) }));
}

/** What the Link asked of the source in the last two days, and its limits. */
export function fetchLoad(id: Id, signal?: AbortSignal): Promise<Load> {
  return read(client.GET('/api/v1/integrations/{id}/load', { ...path(id), ...cancel(signal) }));
}

/** The VDNs of the source, with their calls on the newest imported days. */
export function fetchVdns(id: Id, signal?: AbortSignal): Promise<SourceVdns> {
  return read(client.GET('/api/v1/integrations/{id}/vdns', { ...path(id), ...cancel(signal) }));
}

/** A page of queues that match a search over names and numbers. */
export function fetchQueues(
  search: string,
  integration: string | null,
  cursor: string | null,
  signal?: AbortSignal,
  hidden = false,
  inactive: boolean | null = null,
): Promise<QueuePage> {
  const query = {
    limit: 100,
    ...(search === '' ? {} : { search }),
    ...(integration === null ? {} : { integration: idOf(integration) }),
    ...(hidden ? { hidden } : {}),
    ...(inactive === null ? {} : { inactive }),
    ...(cursor === null ? {} : { cursor }),
  };
  return read(client.GET('/api/v1/queues', { params: { query }, ...cancel(signal) }));
}

/** One queue. */
export function fetchQueue(id: Id, signal?: AbortSignal): Promise<Queue> {
  return read(client.GET('/api/v1/queues/{id}', { ...path(id), ...cancel(signal) }));
}

/** Says that a number with another name is the same queue, or what was given the number from a date on. */
export function answerIdentity(id: Id, reusedFrom: string | null): Promise<Queue> {
  const body: { answer: 'renamed' | 'reused'; from?: string } =
    reusedFrom === null ? { answer: 'renamed' } : { answer: 'reused', from: reusedFrom };
  return read(client.POST('/api/v1/queues/{id}/identity', { ...path(id), body }));
}

/** Hides a queue in lists, or shows it again. */
export function hideQueue(id: Id, hidden: boolean): Promise<Queue> {
  return read(client.PATCH('/api/v1/queues/{id}', { ...path(id), body: { hidden } }));
}

/** Steps of the interval answers. */
export type Step = '15m' | '30m' | '1h' | '1d';

/** Figures of a queue; `to` is exclusive. Without a step the answer is as fine as the source. */
export function fetchIntervals(
  id: Id,
  from: string,
  to: string,
  step: Step | null,
  signal?: AbortSignal,
): Promise<Intervals> {
  const params = { path: { id: idOf(id) }, query: { from, to, ...(step === null ? {} : { step }) } };
  const request = client.GET('/api/v1/queues/{id}/intervals', { params, ...cancel(signal) });
  return read<Intervals>(request as Promise<{ data?: Intervals; error?: unknown; response: Response }>);
}

/** Address of the same figures as a CSV file, for a plain link. */
export function intervalsCsvUrl(id: Id, from: string, to: string, step: Step): string {
  const query = new URLSearchParams({ from, to, step, format: 'csv' });
  return `/api/v1/queues/${idOf(id)}/intervals?${query}`;
}
