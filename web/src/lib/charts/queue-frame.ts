/** What the charts of the queue page share: intervals, stretches without data, and a time axis in the zone of the data. */
import type { Intervals, SlotQuality } from '../api/types';
import { formatDayShort, formatTime } from '../i18n/format';
import { qualityName } from '../i18n/names';
import { instantSeconds } from '../time/instant';
import { localParts } from '../time/zone';
import type { ChartFrame } from './IntervalChart.svelte';
import { gapsOf, hoursPerTick, type Tick } from './steps';

const WITHOUT_FIGURES: readonly SlotQuality[] = ['missing', 'expected', 'notYetDue'];
const LABEL_PX = { hour: 46, day: 76 } as const;

/** The frame of an answer. Its slots are in order and cover the period. */
export function frameOf(intervals: Intervals): ChartFrame {
  const slots = intervals.slots.map((slot) => ({
    start: instantSeconds(slot.start) ?? 0,
    length: slot.lengthSeconds,
    quality: slot.quality,
  }));
  const last = slots.at(-1);
  const from = slots[0]?.start ?? 0;
  const to = last ? last.start + last.length : from + 1;
  const byDay = to - from > 36 * 3600;
  return {
    starts: slots.map((slot) => slot.start),
    lengths: slots.map((slot) => slot.length),
    from,
    to,
    gaps: gapsOf(slots, WITHOUT_FIGURES).map((gap) => ({ ...gap, label: qualityName(gap.quality) })),
    ticks: (width) =>
      byDay ? dayTicks(from, to, intervals.zone, width) : hourTicks(from, to, intervals.zone, width),
  };
}

/** Ticks at whole local hours; an hour that occurs twice has two. */
function hourTicks(from: number, to: number, zone: string, width: number): Tick[] {
  const every = hoursPerTick((to - from) / 3600, width, LABEL_PX.hour);
  const ticks: Tick[] = [];
  for (let at = from; at < to; at += 900) {
    const { hour, minute } = localParts(at, zone);
    if (minute === 0 && hour % every === 0) ticks.push({ at, label: formatTime(at, zone) });
  }
  return ticks;
}

/** Ticks at local midnights, thinned until the labels fit. */
function dayTicks(from: number, to: number, zone: string, width: number): Tick[] {
  const all: Tick[] = [];
  let before = '';
  for (let at = from; at < to; at += 900) {
    const { date } = localParts(at, zone);
    if (date !== before) all.push({ at, label: formatDayShort(date) });
    before = date;
  }
  const every = Math.max(1, Math.ceil((all.length * LABEL_PX.day) / width));
  return all.filter((_, index) => index % every === 0);
}
