/**
 * Steps of the queue page.
 *
 * How fine a source is becomes known with its first answer. A step that is too fine is refused by the Hub, never
 * invented; the page then asks for the next coarser one.
 */
import type { Step } from '../../lib/api/client';
import { ApiProblem } from '../../lib/api/problem';
import type { Intervals } from '../../lib/api/types';

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

/** An answer and the step that it has. */
export interface StepAnswer {
  step: Step;
  intervals: Intervals;
}

/** Asks for a step, and for coarser ones as long as the Hub refuses it as finer than the source. */
export async function loadWithFittingStep(
  wanted: Step,
  load: (step: Step) => Promise<Intervals>,
): Promise<StepAnswer> {
  let refusal: unknown = null;
  for (const step of STEPS.slice(STEPS.indexOf(wanted))) {
    try {
      return { step, intervals: await load(step) };
    } catch (thrown) {
      if (!(thrown instanceof ApiProblem) || thrown.code !== 'step-finer-than-source') throw thrown;
      refusal = thrown;
    }
  }
  throw refusal;
}
