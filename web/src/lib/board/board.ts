/**
 * What agents do now, kept from a stream of snapshots and deltas.
 *
 * A snapshot replaces everything; a delta brings rows that are new or changed, whole, and names those that are gone.
 * A delta that is older than what is here is left out, so that a repeated one cannot bring back an old status.
 * Nothing here is reactive: whoever shows it is told once per frame (`stream.ts`).
 */
import type { LiveAgent, LiveFeed, LiveUpdate } from '../api/board';

/** Agents and feeds as last told. */
export class Board {
  readonly agents = new Map<string, LiveAgent>();
  feeds: LiveFeed[] = [];
  /** Number of the last event that is in it; 0 before the first snapshot. */
  eventId = 0;
  loaded = false;
  /** The Hub's clock minus the one here, milliseconds. */
  hubAheadMs = 0;
  #ranks: Map<string, number> | null = null;

  /** Replaces everything. */
  snapshot(update: LiveUpdate, hereMs: number): void {
    this.agents.clear();
    for (const agent of update.agents) this.agents.set(agent.key, agent);
    this.feeds = update.feeds ?? [];
    this.loaded = true;
    this.#ranks = null;
    this.#take(update, hereMs);
  }

  /** Takes what changed; `false` when it is older than what is here. */
  delta(update: LiveUpdate, hereMs: number): boolean {
    if (!this.loaded || update.eventId < this.eventId) return false;
    for (const key of update.gone) if (this.agents.delete(key)) this.#ranks = null;
    for (const agent of update.agents) {
      if (this.agents.get(agent.key)?.name !== agent.name) this.#ranks = null;
      this.agents.set(agent.key, agent);
    }
    if (update.feeds !== null) this.feeds = update.feeds;
    this.#take(update, hereMs);
    return true;
  }

  /** The place of each row by name, then login ID; language-aware order is costly, so it is kept until names change. */
  ranks(language: string): ReadonlyMap<string, number> {
    if (this.#ranks) return this.#ranks;
    const collator = new Intl.Collator(language, { numeric: true, sensitivity: 'base' });
    const rows = [...this.agents.values()].sort(
      (one, other) =>
        collator.compare(one.name, other.name) ||
        collator.compare(one.login, other.login) ||
        (one.key < other.key ? -1 : 1),
    );
    this.#ranks = new Map(rows.map((agent, place) => [agent.key, place]));
    return this.#ranks;
  }

  #take(update: LiveUpdate, hereMs: number): void {
    this.eventId = update.eventId;
    const hubMs = Date.parse(update.now);
    if (!Number.isNaN(hubMs)) this.hubAheadMs = hubMs - hereMs;
  }
}

/** Whether a value read from the stream has the shape of an update. */
export function isUpdate(value: unknown): value is LiveUpdate {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return (
    typeof fields['eventId'] === 'number' &&
    typeof fields['now'] === 'string' &&
    Array.isArray(fields['agents']) &&
    Array.isArray(fields['gone']) &&
    (fields['feeds'] === null || Array.isArray(fields['feeds']))
  );
}
