/**
 * Rows of the board: which are shown, in which order, and how many are in each state.
 *
 * Without the Hub nothing is known any more, whatever was told last: every row then reads as unknown since that time.
 */
import type { AgentState } from '../api/agents';
import type { LiveAgent, LiveFeed, UnknownCause } from '../api/board';
import { instantSeconds } from '../time/instant';
import type { Board } from './board';

/** What the reader wants to see; `null`: all. */
export interface BoardFilter {
  search: string;
  integration: number | null;
  acd: number | null;
  skill: string | null;
  states: ReadonlySet<string>;
}

export const SORTS = ['name', 'status', 'since', 'reason'] as const;
/** By what rows are ordered. */
export type SortBy = (typeof SORTS)[number];

/** Why a row is not known: the Hub's word for it, or that the Hub itself is not heard. */
export type Cause = UnknownCause | 'hubGone';

/** A row as it is shown. */
export interface Row {
  agent: LiveAgent;
  state: AgentState;
  cause: Cause | null;
  /** Unix seconds by the Link's clock; `null` for a text that is no instant. */
  sinceS: number | null;
}

/** What is shown: the rows in order, and the counts before the choice of states. */
export interface BoardView {
  rows: Row[];
  /** Rows by state that fit everything but the choice of states. */
  counts: Map<string, number>;
  total: number;
}

/** States in the order in which counts stand and rows are sorted. */
export const STATE_ORDER: readonly string[] = [
  'available',
  'ringing',
  'acd',
  'afterCall',
  'directAcd',
  'directAfterCall',
  'aux',
  'other',
  'unknown',
  'unstaffed',
];

/** The row of an agent; `hubGoneS` is when the Hub was heard last, `null` while it is heard. */
export function rowOf(agent: LiveAgent, hubGoneS: number | null): Row {
  const sinceS = instantSeconds(agent.since);
  if (hubGoneS === null || agent.unknownCause !== null)
    return { agent, state: agent.state, cause: agent.unknownCause, sinceS };
  return { agent, state: 'unknown', cause: 'hubGone', sinceS: hubGoneS };
}

function fits(agent: LiveAgent, filter: BoardFilter, words: readonly string[]): boolean {
  if (filter.integration !== null && agent.integrationId !== filter.integration) return false;
  if (filter.acd !== null && agent.acd !== filter.acd) return false;
  if (filter.skill !== null && agent.skill !== filter.skill) return false;
  if (words.length === 0) return true;
  const text = `${agent.name} ${agent.login}`.toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

/** The order of two rows by what is asked. */
function compare(one: Row, other: Row, by: SortBy): number {
  switch (by) {
    case 'status':
      return STATE_ORDER.indexOf(one.state) - STATE_ORDER.indexOf(other.state);
    case 'since':
      return (other.sinceS ?? 0) - (one.sinceS ?? 0);
    case 'reason':
      return (one.agent.reason ?? -1) - (other.agent.reason ?? -1);
    case 'name':
      return 0;
  }
}

/** What the board shows. Equal rows stand by name, so that a change of one moves no other. */
export function viewOf(
  board: Board,
  filter: BoardFilter,
  order: { by: SortBy; descending: boolean },
  hubGoneS: number | null,
  language: string,
): BoardView {
  const words = filter.search
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const counts = new Map<string, number>();
  const rows: Row[] = [];
  let total = 0;
  for (const agent of board.agents.values()) {
    if (!fits(agent, filter, words)) continue;
    const row = rowOf(agent, hubGoneS);
    total += 1;
    counts.set(row.state, (counts.get(row.state) ?? 0) + 1);
    if (filter.states.size === 0 || filter.states.has(row.state)) rows.push(row);
  }
  const ranks = board.ranks(language);
  const rank = (row: Row) => ranks.get(row.agent.key) ?? 0;
  const sign = order.descending ? -1 : 1;
  rows.sort((one, other) => {
    if (order.by === 'reason' && (one.agent.reason === null) !== (other.agent.reason === null)) {
      // Rows without a reason come last in both directions.
      return one.agent.reason === null ? 1 : -1;
    }
    const first = compare(one, other, order.by);
    if (first !== 0) return first * sign;
    return (rank(one) - rank(other)) * (order.by === 'name' ? sign : 1);
  });
  return { rows, counts, total };
}

/** Skills, ACDs and integrations that occur, for the filters. */
export function choicesOf(board: Board): { acds: number[]; skills: { id: string; name: string }[] } {
  const acds = new Set<number>();
  const skills = new Map<string, string>();
  for (const agent of board.agents.values()) {
    acds.add(agent.acd);
    if (agent.skill !== null) skills.set(agent.skill, agent.skillName ?? agent.skill);
  }
  for (const feed of board.feeds) acds.add(feed.acd);
  return {
    acds: [...acds].sort((one, other) => one - other),
    skills: [...skills]
      .map(([id, name]) => ({ id, name }))
      .sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true })),
  };
}

/** Feeds of which nothing is known now, though something was or should be. */
export function feedsUnknown(feeds: readonly LiveFeed[]): LiveFeed[] {
  return feeds.filter((feed) => feed.unknownCause !== null && feed.state !== 'waiting');
}

/** Why a board without agents is empty. */
export type Emptiness = 'off' | 'neverConnected' | 'unknown' | 'nobody';

/** Why there are no agents, by the feeds. */
export function emptinessOf(feeds: readonly LiveFeed[]): Emptiness {
  if (feeds.length === 0) return 'off';
  if (feeds.some((feed) => feed.state === 'receiving' && feed.unknownCause === null)) return 'nobody';
  return feeds.every((feed) => feed.confirmedAt === null) ? 'neverConnected' : 'unknown';
}

/** Seconds that a status lasts, by the Link's clock; never negative. */
export function lastingS(row: Row, linkNowS: number): number | null {
  return row.sinceS === null ? null : Math.max(0, Math.floor(linkNowS - row.sinceS));
}
