/**
 * When the first day that is not imported may be gone at the source.
 *
 * A source that deletes keeps so many days. How many is not said anywhere, but on the day on which the Link looked, the
 * oldest row was so and so old: so much it keeps at least. The answer is therefore the earliest possible; it is never too
 * late. A day that is older than that has begun to go already.
 */
import type { Capabilities, Integration } from '../api/types';
import { addDays, daysBetween, parseCivilDate, type CivilDate } from '../time/civil';

/** What goes first. */
export interface Aging {
  /** The table in which it goes first. */
  table: string;
  /** The first day that is not imported whole. */
  day: CivilDate;
  /** Days from today until it may go; 0: today, or it goes already. */
  daysLeft: number;
}

type Extent = Pick<Capabilities['tables'][number]['extents'][number], 'oldestDate'>;

/** A table as far as it matters here. */
export interface AgingTable {
  name: string;
  extents: readonly Extent[];
}

const AGENT_TABLES = ['hagent', 'haglog', 'ag_actv'];

/** The tables that an integration reads and whose rows go with time. */
export function tablesRead(configuration: Integration['configuration']): string[] {
  const agents = (configuration.agentScope?.kind ?? 'off') === 'off' ? [] : AGENT_TABLES;
  return [configuration.grouping === 'vdn' ? 'hvdn' : 'hsplit', ...agents];
}

/**
 * What of `tables` goes first, if nothing is imported from `firstMissing` on. `examined` is the day on which the tables
 * were looked at. `null` where nothing is known of them.
 */
export function firstToGo(
  tables: readonly AgingTable[],
  firstMissing: CivilDate,
  examined: CivilDate,
  today: CivilDate,
): Aging | null {
  let first: Aging | null = null;
  for (const table of tables) {
    for (const { oldestDate } of table.extents) {
      const oldest = parseCivilDate(oldestDate);
      if (oldest === null) continue;
      // What is older than the oldest row is gone already.
      const day = firstMissing < oldest ? oldest : firstMissing;
      const keptDays = Math.max(daysBetween(oldest, examined), 0);
      const daysLeft = Math.max(daysBetween(today, addDays(day, keptDays + 1)), 0);
      if (first === null || daysLeft < first.daysLeft) first = { table: table.name, day, daysLeft };
    }
  }
  return first;
}
