/** Settings of real-time data as the form has them, and where a refusal of the Hub belongs. */
import type { FeedPort, Realtime } from '../api/board';

/** A port as it is typed. */
export interface PortDraft {
  port: string;
  bind: string;
  allowFrom: string;
  acd: string;
  profile: string;
}

/** What a field of a port is called in the API. */
export type PortField = keyof FeedPort;

/** A port for the form. */
export function draftOf(feed: FeedPort): PortDraft {
  return {
    port: String(feed.port),
    bind: feed.bind ?? '',
    allowFrom: feed.allowFrom.join(', '),
    acd: String(feed.acd),
    profile: feed.profile,
  };
}

/** Whole numbers in a range; text that is none becomes 0, which the Hub refuses at the field. */
function numberOf(text: string, most: number): number {
  const number = /^\d{1,9}$/.test(text.trim()) ? Number(text.trim()) : 0;
  return number <= most ? number : 0;
}

/** The settings that a form asks for. */
export function realtimeOf(
  enabled: boolean,
  closeWhilePaused: boolean,
  drafts: readonly PortDraft[],
): Realtime {
  return {
    enabled,
    closeWhilePaused,
    feeds: drafts.map((draft) => ({
      port: numberOf(draft.port, 65_535),
      bind: draft.bind.trim() === '' ? null : draft.bind.trim(),
      allowFrom: draft.allowFrom.split(/[\s,;]+/).filter((network) => network !== ''),
      acd: numberOf(draft.acd, 32_767),
      profile: draft.profile,
    })),
  };
}

/** The field that a refusal names, such as `realtime.feeds[0].port`; `null` when it is of none. */
export function refusedField(detail: string | null): { index: number; field: string; text: string } | null {
  const found = /`realtime\.feeds\[(\d+)\]\.(\w+)`:?\s*(.*)/s.exec(detail ?? '');
  if (!found) return null;
  return { index: Number(found[1]), field: found[2] ?? '', text: found[3] ?? '' };
}
