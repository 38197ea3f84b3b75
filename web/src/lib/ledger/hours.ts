/**
 * Weekly hours as people write them: `08:00-12:00, 13:00-18:00`, one line a day.
 *
 * An empty line is a closed day. What is not understood is `null`, never a guess.
 */
import type { Weekday, WeekSpan } from '../api/types';

/** The week, Monday first, named as in the API. */
export const WEEKDAYS: readonly Weekday[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
];

/** The spans of a day as text. */
export function hoursText(spans: readonly WeekSpan[], day: Weekday): string {
  return spans
    .filter((span) => span.day === day)
    .map((span) => `${span.from}-${span.to}`)
    .join(', ');
}

function minutes(text: string): number | null {
  const match = /^(\d{1,2})[:.h](\d{2})$/.exec(text.trim());
  if (!match) return null;
  const all = Number(match[1]) * 60 + Number(match[2]);
  return Number(match[2]) < 60 && all <= 1440 ? all : null;
}

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** The spans that a line means; `null` when it is not understood. */
export function parseHours(line: string, day: Weekday): WeekSpan[] | null {
  if (line.trim() === '') return [];
  const spans: WeekSpan[] = [];
  for (const part of line.split(/[,;]/)) {
    const ends = part.split(/[-–]/);
    const from = minutes(ends[0] ?? '');
    const to = minutes(ends[1] ?? '');
    if (ends.length !== 2 || from === null || to === null || from >= to) return null;
    spans.push({ day, from: clock(from), to: clock(to) });
  }
  return spans;
}
