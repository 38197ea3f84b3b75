/**
 * Where the statuses of a day stand in a drawing of it.
 *
 * A local day has 23, 24 or 25 hours; positions are fractions of the window's real length, so that nothing shifts on
 * days of a changed clock. Units: instants are Unix seconds, positions 0 to 1.
 */
import type { AgentStatus } from '../api/agents';
import { instantSeconds } from '../time/instant';
import { LANES, laneOf, type Lane } from './states';

/** A part of time that is drawn. */
export interface Window {
  from: number;
  to: number;
}

/** One bar. */
export interface Bar {
  /** Index of the status. */
  index: number;
  lane: Lane;
  x: number;
  width: number;
}

/** Start and end of a status, Unix seconds. */
export function boundsOf(status: Pick<AgentStatus, 'start' | 'end'>): Window {
  const from = instantSeconds(status.start) ?? 0;
  return { from, to: instantSeconds(status.end) ?? from };
}

/** The bars that are seen in a window, by start. */
export function barsOf(statuses: readonly AgentStatus[], window: Window): Bar[] {
  const length = window.to - window.from;
  const bars: Bar[] = [];
  if (length <= 0) return bars;
  for (const [index, status] of statuses.entries()) {
    const lane = laneOf(status);
    const { from, to } = boundsOf(status);
    const [begin, end] = [Math.max(from, window.from), Math.min(to, window.to)];
    if (lane === null || end <= begin) continue;
    bars.push({ index, lane, x: (begin - window.from) / length, width: (end - begin) / length });
  }
  return bars;
}

/** The lanes that a day needs, from top to bottom. */
export function lanesOf(statuses: readonly AgentStatus[]): Lane[] {
  const used = new Set(statuses.map(laneOf));
  return LANES.filter((lane) => used.has(lane));
}

/** Seconds by lane, as far as they lie in the window. */
export function secondsByLane(statuses: readonly AgentStatus[], window: Window): Map<Lane, number> {
  const seconds = new Map<Lane, number>();
  for (const status of statuses) {
    const lane = laneOf(status);
    const { from, to } = boundsOf(status);
    const length = Math.min(to, window.to) - Math.max(from, window.from);
    if (lane !== null && length > 0) seconds.set(lane, (seconds.get(lane) ?? 0) + length);
  }
  return seconds;
}

/** The window of some length around an instant, kept within the day. */
export function windowAround(day: Window, centre: number, seconds: number): Window {
  const length = Math.min(seconds, day.to - day.from);
  const from = Math.min(Math.max(centre - length / 2, day.from), day.to - length);
  return { from, to: from + length };
}

const STEPS_S = [60, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600];

/**
 * Instants for labels of the axis, at most `most`. They are counted from the start of the day, so that on days of a
 * changed clock every elapsed hour has one.
 */
export function ticksOf(day: Window, window: Window, most: number): number[] {
  const length = window.to - window.from;
  const step = STEPS_S.find((candidate) => length / candidate <= most) ?? 6 * 3600;
  const ticks: number[] = [];
  const first = day.from + Math.ceil((window.from - day.from) / step) * step;
  for (let at = first; at < window.to; at += step) ticks.push(at);
  return ticks;
}

/** The status at an instant, or the nearest to it; `null` without any that has a lane. */
export function statusAt(statuses: readonly AgentStatus[], instant: number): number | null {
  let best: number | null = null;
  let distance = Number.POSITIVE_INFINITY;
  for (const [index, status] of statuses.entries()) {
    if (laneOf(status) === null) continue;
    const { from, to } = boundsOf(status);
    const away = instant < from ? from - instant : instant >= to ? instant - to + 1 : 0;
    if (away < distance) [best, distance] = [index, away];
  }
  return best;
}
