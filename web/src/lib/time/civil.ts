/**
 * Civil dates (`YYYY-MM-DD`) without any zone.
 *
 * Purpose: the arithmetic of calendars and of `from`/`to` queries. A civil date is not an instant, so nothing here
 * may pass through the browser's own zone: all of it is computed in UTC on whole days.
 * Failure: parsing gives `null`; the other functions expect a date that `parseCivilDate` accepted.
 */

/** A proleptic Gregorian date, `YYYY-MM-DD`. */
export type CivilDate = string;

const DAY_MS = 86_400_000;
const PATTERN = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Milliseconds of that date's midnight in UTC: a number to count days with, not an instant of any site. */
export function utcMidnightMs(date: CivilDate): number {
  return Date.parse(`${date}T00:00:00Z`);
}

function fromUtcMs(ms: number): CivilDate {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The date when the text is one that exists (no 30 February), else `null`. */
export function parseCivilDate(text: string | null | undefined): CivilDate | null {
  if (!text || !PATTERN.test(text)) return null;
  const ms = utcMidnightMs(text);
  return Number.isNaN(ms) || fromUtcMs(ms) !== text ? null : text;
}

/** The date `days` later (or earlier, when negative). */
export function addDays(date: CivilDate, days: number): CivilDate {
  return fromUtcMs(utcMidnightMs(date) + days * DAY_MS);
}

/** Days from `from` (inclusive) to `to` (exclusive); negative when `to` is earlier. */
export function daysBetween(from: CivilDate, to: CivilDate): number {
  return Math.round((utcMidnightMs(to) - utcMidnightMs(from)) / DAY_MS);
}

/** ISO weekday: 1 Monday to 7 Sunday. */
export function isoWeekday(date: CivilDate): number {
  const day = new Date(utcMidnightMs(date)).getUTCDay();
  return day === 0 ? 7 : day;
}

/** The Monday of the date's week. */
export function weekStart(date: CivilDate): CivilDate {
  return addDays(date, 1 - isoWeekday(date));
}

/** The first day of the date's month. */
export function monthStart(date: CivilDate): CivilDate {
  return `${date.slice(0, 7)}-01`;
}

/** The first day of the month that is `months` later (or earlier, when negative). */
export function addMonths(date: CivilDate, months: number): CivilDate {
  const year = Number(date.slice(0, 4));
  const month = Number(date.slice(5, 7)) - 1 + months;
  return fromUtcMs(Date.UTC(year, month, 1));
}

/** Every date from `from` (inclusive) to `to` (exclusive). */
export function datesOf(from: CivilDate, to: CivilDate): CivilDate[] {
  const count = Math.max(0, daysBetween(from, to));
  return Array.from({ length: count }, (_, index) => addDays(from, index));
}
