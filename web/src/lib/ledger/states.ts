/**
 * The completeness ledger's vocabulary.
 *
 * The Hub sends one letter per slot of a local day; a day is summed up by what deserves attention first.
 * Letters that a later Hub may add read as `unknown` and are shown as such, never as received.
 */

/** States of a slot, in the order of the legend. */
export const SLOT_STATES = [
  'received',
  'corrected',
  'incomplete',
  'missing',
  'expected',
  'notYetDue',
  'setAside',
  'outage',
  'closed',
  'outOfRange',
  'unknown',
] as const;

/** State of one slot, and of a day as a whole. */
export type SlotState = (typeof SLOT_STATES)[number];

const BY_LETTER: Readonly<Record<string, SlotState>> = {
  r: 'received',
  i: 'incomplete',
  c: 'corrected',
  m: 'missing',
  e: 'expected',
  n: 'notYetDue',
  s: 'setAside',
  o: 'outage',
  z: 'closed',
  x: 'outOfRange',
};

/** The state that a letter of the API stands for. */
export function stateOfLetter(letter: string): SlotState {
  return BY_LETTER[letter] ?? 'unknown';
}

/** The letter that the API uses for a state; a question mark for one that this version does not know. */
export function letterOf(state: SlotState): string {
  return Object.entries(BY_LETTER).find(([, known]) => known === state)?.[0] ?? '?';
}

/** The states of a day's letters, in order. */
export function statesOf(letters: string): SlotState[] {
  return [...letters].map(stateOfLetter);
}

/** How many slots are in each state; states without slots are left out. */
export function countStates(letters: string): Map<SlotState, number> {
  const counts = new Map<SlotState, number>();
  for (const state of statesOf(letters)) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

/** States that a day shows as soon as one slot is in them, the most urgent first. */
const DAY_ORDER: readonly SlotState[] = [
  'setAside',
  'unknown',
  'outage',
  'incomplete',
  'corrected',
  'expected',
];

/**
 * What a day as a whole shows; `null` for a day without slots.
 *
 * A floor that closes at night has slots without rows every day, so those before the first and after the last slot
 * with rows do not make the day incomplete, as long as its hours are not known. A slot without rows between two that
 * have some does, and so does a day without any row. Where slots are known to be closed, every other one without rows
 * counts.
 */
export function dayState(letters: string): SlotState | null {
  const states = statesOf(letters);
  if (states.length === 0) return null;
  const withRows = states.map(
    (state) => state === 'received' || state === 'incomplete' || state === 'corrected',
  );
  const first = withRows.indexOf(true);
  const last = withRows.lastIndexOf(true);
  const hoursKnown = states.includes('closed');
  const inner = hoursKnown ? states : states.slice(first, last + 1);
  const hole = (hoursKnown || first >= 0) && inner.includes('missing');
  if (states.includes('setAside')) return 'setAside';
  if (hole) return 'missing';
  const urgent = DAY_ORDER.find((state) => states.includes(state));
  if (urgent) return urgent;
  if (first >= 0) return 'received';
  const others: readonly SlotState[] = ['missing', 'closed', 'outOfRange'];
  return others.find((state) => states.includes(state)) ?? 'notYetDue';
}

/** States in which it is known what happened, closed slots among them. */
const KNOWN: readonly SlotState[] = ['received', 'corrected', 'closed'];

/** The most urgent state of several days, and how many of the slots that could be known are. */
export function summed(days: readonly string[]): { state: SlotState | null; known: number; slots: number } {
  const states = days.map(dayState).filter((state) => state !== null);
  const order: readonly SlotState[] = [
    'setAside',
    'unknown',
    'missing',
    'outage',
    'incomplete',
    'expected',
    'corrected',
    'received',
    'closed',
    'notYetDue',
    'outOfRange',
  ];
  const all = days.flatMap(statesOf).filter((state) => state !== 'notYetDue' && state !== 'outOfRange');
  return {
    state: order.find((state) => states.includes(state)) ?? null,
    known: all.filter((state) => KNOWN.includes(state)).length,
    slots: all.length,
  };
}
