/** What is imported from a site, as the pages offer it to choose from. */
import type { Integration } from './api/types';

/** Streams whose days are cut into intervals, so that a calendar and gaps can be shown. */
export const LEDGER_STREAMS = [
  'queue_intervals',
  'agent_intervals',
  'agent_sessions',
  'agent_statuses',
] as const;
/** Totals of whole days: they can be read again, and have no calendar. */
export const DAY_STREAMS = ['queue_days', 'agent_days'] as const;

/** A stream that can be read again. */
export type Stream = (typeof LEDGER_STREAMS)[number] | (typeof DAY_STREAMS)[number];

/** Where nothing was chosen. */
export const FIRST_STREAM = 'queue_intervals' satisfies Stream;

/** Those that an integration reads: of agents only where somebody is in scope. */
export function streamsOf(integration: Integration, withDays: boolean): Stream[] {
  const all: Stream[] = withDays ? [...LEDGER_STREAMS, ...DAY_STREAMS] : [...LEDGER_STREAMS];
  const scope = integration.configuration.agentScope?.kind ?? 'off';
  return scope === 'off' ? all.filter((stream) => stream.startsWith('queue')) : all;
}

/** The one of that name, if the integration reads it; else the first. */
export function streamNamed(name: string | null, integration: Integration, withDays: boolean): Stream {
  return streamsOf(integration, withDays).find((stream) => stream === name) ?? FIRST_STREAM;
}
