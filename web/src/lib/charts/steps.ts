/**
 * Geometry of interval charts, apart from the drawing library.
 *
 * An interval's figure holds from its start to its end, so it is drawn as a level stroke of that length. Neighbours
 * are joined; where a figure is missing the line ends and begins anew: a gap is never bridged and never nought.
 */

/** A level stroke in the units of the axes. */
export interface Level {
  from: number;
  to: number;
  value: number;
}

/** Unbroken runs of levels: figures that are `null` and holes between intervals end a run. */
export function runsOf(
  starts: readonly number[],
  lengths: readonly number[],
  values: readonly (number | null | undefined)[],
): Level[][] {
  const runs: Level[][] = [];
  let run: Level[] = [];
  for (const [index, from] of starts.entries()) {
    const value = values[index];
    const before = run.at(-1);
    if (value === null || value === undefined || (before && before.to !== from)) {
      if (run.length > 0) runs.push(run);
      run = [];
    }
    if (value === null || value === undefined) continue;
    run.push({ from, to: from + (lengths[index] ?? 0), value });
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

/** A stretch without figures and the reason, in the unit of the starts. */
export interface Gap<Q extends string> {
  from: number;
  to: number;
  quality: Q;
}

/** Neighbouring slots of one quality joined into stretches; slots whose quality is not among `wanted` end them. */
export function gapsOf<Q extends string>(
  slots: readonly { start: number; length: number; quality: Q }[],
  wanted: readonly Q[],
): Gap<Q>[] {
  const gaps: Gap<Q>[] = [];
  for (const { start, length, quality } of slots) {
    if (!wanted.includes(quality)) continue;
    const before = gaps.at(-1);
    if (before && before.quality === quality && before.to === start) before.to = start + length;
    else gaps.push({ from: start, to: start + length, quality });
  }
  return gaps;
}

/** Index of the interval that contains `x`, or `null` outside of all. Starts ascend. */
export function intervalAt(starts: readonly number[], lengths: readonly number[], x: number): number | null {
  let low = 0;
  let high = starts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const start = starts[middle] ?? 0;
    if (x < start) high = middle - 1;
    else if (x >= start + (lengths[middle] ?? 0)) low = middle + 1;
    else return middle;
  }
  return null;
}

/** A tick of the time axis. */
export interface Tick {
  at: number;
  label: string;
}

/**
 * Every how many hours a tick fits: the smallest of 1, 2, 3, 4, 6, 12 that leaves `spacing` pixels for each label.
 */
export function hoursPerTick(hours: number, width: number, spacing: number): number {
  return [1, 2, 3, 4, 6].find((step) => (width / hours) * step >= spacing) ?? 12;
}
