/**
 * Numbers, durations, dates and times in the reader's language.
 *
 * Purpose: one place that knows how figures read; pages never concatenate units themselves.
 * Constraint: a figure that is not known is `null` and reads as an en dash, never as nought.
 * Units: seconds for durations, Unix seconds for instants, `YYYY-MM-DD` for civil dates.
 */
import { getLocale } from '../paraglide/runtime.js';
import { utcMidnightMs, type CivilDate } from '../time/civil';
import { knownZone } from '../time/zone';
import { instantSeconds } from '../time/instant';

/** What stands where nothing is known. */
export const NOTHING = '–';

const numberFormats = new Map<string, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = getLocale() + JSON.stringify(options);
  let format = numberFormats.get(key);
  if (!format) numberFormats.set(key, (format = new Intl.NumberFormat(getLocale(), options)));
  return format;
}

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  // British order and the 24-hour clock: `en` alone would mean American dates, which read wrongly in Europe.
  const language = getLocale() === 'en' ? 'en-GB' : getLocale();
  const key = language + JSON.stringify(options);
  let format = dateFormats.get(key);
  if (!format)
    dateFormats.set(key, (format = new Intl.DateTimeFormat(language, { hourCycle: 'h23', ...options })));
  return format;
}

/** A count: `12,345`. */
export function formatInteger(value: number | null | undefined): string {
  return value === null || value === undefined
    ? NOTHING
    : numberFormat({ maximumFractionDigits: 0 }).format(value);
}

/** A quantity with at most one decimal: `12.3`. */
export function formatDecimal(value: number): string {
  return numberFormat({ maximumFractionDigits: 1 }).format(value);
}

/** A count with its sign: `+3`, `−2`. */
export function formatSigned(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return numberFormat({ maximumFractionDigits: 1, signDisplay: 'exceptZero' }).format(value);
}

/** A ratio as a percentage with one decimal: 0.934 reads `93.4%`. */
export function formatPercent(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return numberFormat({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
}

/** A ratio in percent with one decimal and without the sign, for columns whose header has it. */
export function formatPercentFigure(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return numberFormat({ minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value * 100);
}

/** Minutes and seconds, with hours when there are any: 272 reads `4:32`, 3723 reads `1:02:03`. */
export function formatClockDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return NOTHING;
  const whole = Math.round(Math.abs(seconds));
  const pad = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const text = hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
  return seconds < 0 ? `−${text}` : text;
}

/** A rough duration in its largest unit: 272 reads `5 min`, 40 reads `40 sec`. */
export function formatRoughDuration(seconds: number): string {
  const [value, unit] =
    seconds < 60
      ? [Math.max(1, Math.ceil(seconds)), 'second']
      : seconds < 5400
        ? [Math.ceil(seconds / 60), 'minute']
        : [Math.round(seconds / 3600), 'hour'];
  return numberFormat({ style: 'unit', unit, unitDisplay: 'short' }).format(value);
}

/** Time since or until an instant: `3 minutes ago`. */
export function formatRelative(instantS: number, nowS: number): string {
  const difference = instantS - nowS;
  const absolute = Math.abs(difference);
  const relative = new Intl.RelativeTimeFormat(getLocale(), { numeric: 'auto', style: 'long' });
  if (absolute < 45) return relative.format(0, 'second');
  if (absolute < 3600) return relative.format(Math.round(difference / 60), 'minute');
  if (absolute < 86_400) return relative.format(Math.round(difference / 3600), 'hour');
  return relative.format(Math.round(difference / 86_400), 'day');
}

/** `Sunday, 22 November 2026`. */
export function formatDateLong(date: CivilDate): string {
  return civil(date, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** `Sun, 22 Nov`. */
export function formatDayShort(date: CivilDate): string {
  return civil(date, { weekday: 'short', day: 'numeric', month: 'short' });
}

/** `22 Nov 2026`. */
export function formatDate(date: CivilDate): string {
  return civil(date, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** `November 2026`. */
export function formatMonth(date: CivilDate): string {
  return civil(date, { month: 'long', year: 'numeric' });
}

/** Initials of the weekdays, Monday first. */
export function weekdayInitials(): { narrow: string; long: string }[] {
  const monday = '2024-01-01';
  return Array.from({ length: 7 }, (_, index) => {
    const ms = utcMidnightMs(monday) + index * 86_400_000;
    return {
      narrow: dateFormat({ timeZone: 'UTC', weekday: 'narrow' }).format(ms),
      long: dateFormat({ timeZone: 'UTC', weekday: 'long' }).format(ms),
    };
  });
}

/** First to last day of a period, both inclusive: `16 – 22 Nov 2026`. */
export function formatDateRange(first: CivilDate, last: CivilDate): string {
  const format = dateFormat({ timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
  return format.formatRange(utcMidnightMs(first), utcMidnightMs(last));
}

function civil(date: CivilDate, options: Intl.DateTimeFormatOptions): string {
  return dateFormat({ timeZone: 'UTC', ...options }).format(utcMidnightMs(date));
}

/** Time of day in a zone: `14:30`. */
export function formatTime(instantS: number, zone: string): string {
  return dateFormat({ timeZone: knownZone(zone), hour: '2-digit', minute: '2-digit' }).format(
    instantS * 1000,
  );
}

/** Time of day in a zone to the second: `14:30:05`. */
export function formatTimeSeconds(instantS: number, zone: string): string {
  return dateFormat({
    timeZone: knownZone(zone),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(instantS * 1000);
}

/** Time of day to the second with the zone's offset: `02:30:05 GMT+2`. */
export function formatTimeSecondsWithOffset(instantS: number, zone: string): string {
  return dateFormat({
    timeZone: knownZone(zone),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'shortOffset',
  }).format(instantS * 1000);
}

/** Time of day with the zone's offset, for hours that occur twice: `02:30 GMT+2`. */
export function formatTimeWithOffset(instantS: number, zone: string): string {
  return dateFormat({
    timeZone: knownZone(zone),
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'shortOffset',
  }).format(instantS * 1000);
}

/** `Sun, 22 Nov, 14:30`. */
export function formatDayTime(instantS: number, zone: string): string {
  return dateFormat({
    timeZone: knownZone(zone),
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(instantS * 1000);
}

/** `22 Nov 2026, 14:30`. */
export function formatDateTime(instantS: number, zone: string): string {
  return dateFormat({
    timeZone: knownZone(zone),
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(instantS * 1000);
}

/** `22 Nov 2026, 14:30 CET`: for places where nothing around names the zone. */
export function formatDateTimeZone(instantS: number, zone: string): string {
  return dateFormat({
    timeZone: knownZone(zone),
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(instantS * 1000);
}

/** An instant of the API as date and time; text that is no instant stays as it is. */
export function formatInstant(text: string, zone: string): string {
  const seconds = instantSeconds(text);
  return seconds === null ? text : formatDateTime(seconds, zone);
}

/** The same with the zone's name. */
export function formatInstantZone(text: string, zone: string): string {
  const seconds = instantSeconds(text);
  return seconds === null ? text : formatDateTimeZone(seconds, zone);
}

/** An instant of the API as date and time to the second; text that is no instant stays as it is. */
export function formatInstantSeconds(text: string, zone: string): string {
  const seconds = instantSeconds(text);
  return seconds === null
    ? text
    : dateFormat({
        timeZone: knownZone(zone),
        day: 'numeric',
        month: 'short',
        year: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      }).format(seconds * 1000);
}
