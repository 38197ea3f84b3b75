/**
 * Steps of the queue page. How fine a source is becomes known with its first answer; a step that is too fine is
 * refused by the Hub, never invented.
 */
import type { Step } from '../../lib/api/client';

/** All steps, finest first. */
export const STEPS: readonly Step[] = ['15m', '30m', '1h', '1d'];

const MINUTES: Readonly<Record<Step, number>> = { '15m': 15, '30m': 30, '1h': 60, '1d': 1440 };

/** The step that a text names, or `null`. */
export function stepOf(text: string | null): Step | null {
  return STEPS.find((step) => step === text) ?? null;
}

/** Steps that a source of this interval (minutes) cannot give; none while the interval is not known. */
export function stepsFinerThan(sourceIntervalMinutes: number | null): Step[] {
  return sourceIntervalMinutes === null ? [] : STEPS.filter((step) => MINUTES[step] < sourceIntervalMinutes);
}

/** The step of an answer whose slots have this length (minutes); `null` for a length that no step has. */
export function stepOfMinutes(minutes: number): Step | null {
  return STEPS.find((step) => MINUTES[step] === minutes) ?? null;
}
