/**
 * Instants and IANA zones, by way of `Intl`.
 *
 * Purpose: labels for slots of a local day, which may last 23, 24 or 25 hours. The Hub decides what a slot is; this
 * module only says how its instant reads on a clock of the site.
 * Unit: instants are Unix seconds.
 * Failure: an unknown zone name falls back to UTC, so that a page with a bad setting still shows its data.
 */
import { addDays, utcMidnightMs, type CivilDate } from './civil';

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Whether the browser knows the zone. */
export function isZone(zone: string): boolean {
  if (zone === '') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The zone, or UTC when the browser does not know it. */
export function knownZone(zone: string): string {
  return isZone(zone) ? zone : 'UTC';
}

/** What a clock of the zone shows at an instant. */
export interface LocalParts {
  date: CivilDate;
  hour: number;
  minute: number;
}

function partsFormatter(zone: string): Intl.DateTimeFormat {
  const cached = formatters.get(zone);
  if (cached) return cached;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: knownZone(zone),
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formatters.set(zone, made);
  return made;
}

/** Local date and time of day at an instant (Unix seconds). */
export function localParts(instantS: number, zone: string): LocalParts {
  const values: Record<string, string> = {};
  for (const part of partsFormatter(zone).formatToParts(instantS * 1000)) values[part.type] = part.value;
  return {
    date: `${values['year']}-${values['month']}-${values['day']}`,
    hour: Number(values['hour']),
    minute: Number(values['minute']),
  };
}

/** Minutes that the zone is ahead of UTC at an instant. */
export function offsetMinutes(instantS: number, zone: string): number {
  const { date, hour, minute } = localParts(instantS, zone);
  const localMinutes = utcMidnightMs(date) / 60_000 + hour * 60 + minute;
  return localMinutes - Math.floor(instantS / 60);
}

/** `+01:00` for 60, `-03:30` for -210. */
export function offsetText(minutes: number): string {
  const absolute = Math.abs(minutes);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(absolute / 60))}:${pad(absolute % 60)}`;
}

/**
 * The first instant (Unix seconds, on a whole minute) of a local day. It is not always 00:00: some zones skip midnight.
 */
export function startOfDay(date: CivilDate, zone: string): number {
  const middle = utcMidnightMs(date) / 60_000;
  // No zone is more than 15 hours away from UTC, so the day begins within these minutes.
  let before = middle - 15 * 60;
  let within = middle + 15 * 60;
  while (within - before > 1) {
    const probe = Math.floor((before + within) / 2);
    if (localParts(probe * 60, zone).date >= date) within = probe;
    else before = probe;
  }
  return within * 60;
}

/** Length of a local day in minutes: 1440, or 1380, 1410, 1470, 1500 around a change of the clock. */
export function dayLengthMinutes(date: CivilDate, zone: string): number {
  return (startOfDay(addDays(date, 1), zone) - startOfDay(date, zone)) / 60;
}

/** The local date of an instant. */
export function localDate(instantS: number, zone: string): CivilDate {
  return localParts(instantS, zone).date;
}

/** The names that the browser offers, for a searchable list; UTC is always among them. */
export function zoneNames(): string[] {
  const names = Intl.supportedValuesOf('timeZone');
  return names.includes('UTC') ? names : ['UTC', ...names];
}

/** The zone of the reader's device, for times that belong to no site. */
export function readerZone(): string {
  return knownZone(Intl.DateTimeFormat().resolvedOptions().timeZone);
}
