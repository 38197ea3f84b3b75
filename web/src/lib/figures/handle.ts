/**
 * Derived figures of a queue.
 *
 * Rule: an average or a ratio over several slots is made of sums, never of the slots' own averages; and nothing is
 * shown (`null`) where its divisor is nought or a part is unknown. A missing figure is not a zero.
 */

/** The sums from which handle time and rates follow. Times in seconds; `null` where nothing is known. */
export interface HandleSums {
  answered: number | null;
  talkSeconds: number | null;
  holdSeconds: number | null;
  acwSeconds: number | null;
}

/** Average handle time in seconds: (talk + hold + after-call work) / answered; `null` when nothing was answered. */
export function averageHandleSeconds(sums: HandleSums): number | null {
  const { answered, talkSeconds, holdSeconds, acwSeconds } = sums;
  if (answered === null || talkSeconds === null || holdSeconds === null || acwSeconds === null) return null;
  return answered > 0 ? (talkSeconds + holdSeconds + acwSeconds) / answered : null;
}

/** `part / whole`; `null` when either is unknown or the whole is nought. */
export function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : part / whole;
}

/** Sum of what is known; `null` when nothing is. */
export function sumKnown(values: readonly (number | null)[]): number | null {
  let sum: number | null = null;
  for (const value of values) if (value !== null) sum = (sum ?? 0) + value;
  return sum;
}
