/** Agents now, and the health of the feeds that say so: the part of the API's client behind the board. */
import type { AgentState } from './agents';
import { path, sendJson, type Id } from './client';

/** Why a status is not known. Unknown is not absent. */
export type UnknownCause =
  | 'linkGone'
  | 'stale'
  | 'disconnected'
  | 'silent'
  | 'frozen'
  | 'emptied'
  | 'switchLink'
  | 'notListening'
  | 'reconfigured';

/** What an agent does now. */
export interface LiveAgent {
  key: string;
  agentId: number;
  integrationId: number;
  port: number;
  acd: number;
  login: string;
  name: string;
  state: AgentState;
  /** Of a status that is not known: the last confirmation of the one before. */
  since: string;
  sinceKind: 'source' | 'receipt' | 'earlier';
  unknownCause: UnknownCause | null;
  lastState: AgentState | null;
  direction: 'in' | 'out' | null;
  reason: number | null;
  reasonName: string | null;
  skill: string | null;
  skillName: string | null;
  skillLevel: number | null;
  hold: 'no' | 'probable' | 'flagged';
  raw: string | null;
}

/** What a feed does. */
export type LiveFeedState =
  | 'waiting'
  | 'listening'
  | 'connected'
  | 'receiving'
  | 'lost'
  | 'portInUse'
  | 'portForbidden'
  | 'misconfigured'
  | 'closed'
  | 'linkGone';

/** What a Link counted of one feed since it started. */
export interface LiveCounters {
  connections: number;
  refusedConnections: number;
  bytes: number;
  lines: number;
  skipped: number;
  records: number;
  rejected: number;
  rejectedByReason: Record<string, number>;
  unknownCodes: number;
  snapshots: number;
  truncatedSnapshots: number;
  outOfScope: number;
  events: number;
}

/** How full a Link's buffer of live events is. */
export interface LiveBuffer {
  waitingEvents: number;
  oldestAt: string | null;
  bytes: number;
  quotaBytes: number;
  fullInSeconds: number | null;
  degraded: boolean;
}

/** How one feed is; durations in milliseconds. */
export interface LiveFeed {
  integrationId: number;
  integrationName: string;
  port: number;
  acd: number;
  profile: string;
  profileVersion: number;
  state: LiveFeedState;
  detail: string | null;
  unknownCause: UnknownCause | null;
  unknownSince: string | null;
  peer: string | null;
  confirmedAt: string | null;
  lastRecordAt: string | null;
  periodMs: number | null;
  staleAfterMs: number | null;
  agents: number;
  counters: LiveCounters;
  latencyP50Ms: number | null;
  latencyP99Ms: number | null;
  reportedAt: string | null;
  clockAheadMs: number | null;
  buffer: LiveBuffer | null;
}

/** What an event of the stream carries: everything, or what changed. */
export interface LiveUpdate {
  eventId: number;
  now: string;
  agents: LiveAgent[];
  gone: string[];
  feeds: LiveFeed[] | null;
}

/** Agents that match, with the feeds that say so. */
export interface LiveAgents {
  items: LiveAgent[];
  nextCursor: string | null;
  total: number;
  byState: Record<string, number>;
  eventId: number;
  now: string;
  feeds: LiveFeed[];
}

/** One port of an integration's settings. */
export interface FeedPort {
  port: number;
  bind: string | null;
  allowFrom: string[];
  acd: number;
  profile: string;
}

/** Real-time data in an integration's settings. */
export interface Realtime {
  enabled: boolean;
  feeds: FeedPort[];
  closeWhilePaused: boolean;
}

/** What an integration's settings have for the feed, beyond what they always had. */
export interface RealtimeSettings {
  realtime: Realtime | null;
  genericAbsence: boolean;
  agentDetail: boolean;
}

/** How a feed is read. */
export interface FeedProfile {
  name: string;
  shipped: boolean;
  version: number;
  text: string;
  savedAt: string | null;
  savedBy: string | null;
  ports: number[];
}

/** One raw line, with identities replaced, and what a profile makes of it. */
export interface PreviewLine {
  text: string;
  reading: string;
  fields: Record<string, string>;
}

/** How the last raw lines of a port read. */
export interface FeedPreview {
  lines: PreviewLine[];
  detail: string | null;
}

const root = (id: Id) => `/api/v1/integrations/${path(id).params.path.id}`;

/** Agents now with this login ID; a search, so others may be among them. */
export function fetchLiveAgents(
  integration: number,
  login: string,
  signal?: AbortSignal,
): Promise<LiveAgents> {
  const query = new URLSearchParams({ integration: String(integration), search: login, limit: '1000' });
  return sendJson('GET', `/api/v1/live/agents?${query}`, undefined, signal);
}

/** The profiles there are: shipped ones first. */
export async function fetchFeedProfiles(id: Id, signal?: AbortSignal): Promise<FeedProfile[]> {
  const { items } = await sendJson<{ items: FeedProfile[] }>(
    'GET',
    `${root(id)}/feedProfiles`,
    undefined,
    signal,
  );
  return items;
}

/** The versions of a profile, newest first. */
export async function fetchProfileVersions(
  id: Id,
  name: string,
  signal?: AbortSignal,
): Promise<FeedProfile[]> {
  const address = `${root(id)}/feedProfiles/${encodeURIComponent(name)}`;
  const { items } = await sendJson<{ items: FeedProfile[] }>('GET', address, undefined, signal);
  return items;
}

/** Saves a text as a new version. */
export function saveFeedProfile(id: Id, name: string, text: string): Promise<FeedProfile> {
  return sendJson('PUT', `${root(id)}/feedProfiles/${encodeURIComponent(name)}`, { text });
}

/** Deletes a profile with all its versions. */
export async function deleteFeedProfile(id: Id, name: string): Promise<void> {
  await sendJson('DELETE', `${root(id)}/feedProfiles/${encodeURIComponent(name)}`);
}

/** Reads the last raw lines of a port by a text that need not be saved. */
export function previewFeed(
  id: Id,
  port: number,
  profile: string,
  signal?: AbortSignal,
): Promise<FeedPreview> {
  return sendJson('POST', `${root(id)}/feedPreview`, { port, profile }, signal);
}
