/** Feeds and causes in the reader's language. What a newer Hub may add is named as it came. */
import type { LiveAgent, LiveFeed, LiveFeedState } from '../api/board';
import { agentStateName } from '../agents/states';
import { m } from '../paraglide/messages.js';

export { causeText } from './causes';

const STATES: Readonly<Record<LiveFeedState, { name: () => string; remedy?: () => string }>> = {
  waiting: { name: m.feed_waiting, remedy: m.feed_remedy_waiting },
  listening: { name: m.feed_listening, remedy: m.feed_remedy_listening },
  connected: { name: m.feed_connected, remedy: m.feed_remedy_connected },
  receiving: { name: m.feed_receiving },
  lost: { name: m.feed_lost, remedy: m.feed_remedy_lost },
  portInUse: { name: m.feed_port_in_use, remedy: m.feed_remedy_port_in_use },
  portForbidden: { name: m.feed_port_forbidden, remedy: m.feed_remedy_port_forbidden },
  misconfigured: { name: m.feed_misconfigured, remedy: m.feed_remedy_misconfigured },
  closed: { name: m.feed_closed, remedy: m.feed_remedy_closed },
  linkGone: { name: m.feed_link_gone, remedy: m.feed_remedy_link_gone },
};

function entryOf(state: string): { name: () => string; remedy?: () => string } | undefined {
  return (STATES as Readonly<Record<string, { name: () => string; remedy?: () => string } | undefined>>)[
    state
  ];
}

/** What a feed does, in a few words. */
export function feedStateName(state: string): string {
  return entryOf(state)?.name() ?? state;
}

/** What to do about it; `null` when all is well. */
export function feedRemedy(state: string): string | null {
  return entryOf(state)?.remedy?.() ?? null;
}

/** How a feed is to be marked: well, waiting, or wrong. */
export function feedMood(feed: Pick<LiveFeed, 'state' | 'unknownCause'>): 'good' | 'idle' | 'bad' {
  if (feed.state === 'receiving') return feed.unknownCause === null ? 'good' : 'bad';
  const idle: readonly string[] = ['waiting', 'listening', 'connected', 'closed'];
  return idle.includes(feed.state) ? 'idle' : 'bad';
}

/** The word for what an agent does, with what is known of a call on hold. */
export function liveStateName(agent: Pick<LiveAgent, 'hold'>, state: string): string {
  if (state === 'unknown') return agentStateName(state);
  if (agent.hold === 'probable') return m.agent_state_probably_hold();
  if (agent.hold === 'flagged') return m.agent_state_hold();
  return agentStateName(state);
}
