/**
 * Layout of the completeness calendar: months of weeks of days, Monday first.
 *
 * The layout is pure so that keyboard movement (`move`) and drawing share one idea of what is next to what.
 */
import {
  addDays,
  addMonths,
  datesOf,
  isoWeekday,
  monthStart,
  weekStart,
  type CivilDate,
} from '../time/civil';

/** One month: weeks of seven cells; `null` where a cell belongs to another month. */
export interface CalendarMonth {
  first: CivilDate;
  weeks: (CivilDate | null)[][];
}

/** The `count` months that end with the month of `last`, oldest first. */
export function monthsEndingWith(last: CivilDate, count: number): CalendarMonth[] {
  const newest = monthStart(last);
  return Array.from({ length: count }, (_, index) => monthOf(addMonths(newest, index - count + 1)));
}

function monthOf(first: CivilDate): CalendarMonth {
  const days = datesOf(first, addMonths(first, 1));
  const cells: (CivilDate | null)[] = Array.from({ length: isoWeekday(first) - 1 }, () => null);
  cells.push(...days);
  while (cells.length % 7 !== 0) cells.push(null);
  const weeks: (CivilDate | null)[][] = [];
  for (let index = 0; index < cells.length; index += 7) weeks.push(cells.slice(index, index + 7));
  return { first, weeks };
}

/** First day (inclusive) and day after the last (exclusive) of the months. */
export function rangeOf(months: readonly CalendarMonth[]): { from: CivilDate; to: CivilDate } | null {
  const first = months[0];
  const last = months[months.length - 1];
  return first && last ? { from: first.first, to: addMonths(last.first, 1) } : null;
}

/** Where a key leads from a date; `null` for keys that do not move. Dates outside the range stay at its edge. */
export function moveInCalendar(
  date: CivilDate,
  key: string,
  range: { from: CivilDate; to: CivilDate },
): CivilDate | null {
  const target = targetOf(date, key);
  if (target === null) return null;
  const last = addDays(range.to, -1);
  if (target < range.from) return range.from;
  return target > last ? last : target;
}

function targetOf(date: CivilDate, key: string): CivilDate | null {
  switch (key) {
    case 'ArrowLeft':
      return addDays(date, -1);
    case 'ArrowRight':
      return addDays(date, 1);
    case 'ArrowUp':
      return addDays(date, -7);
    case 'ArrowDown':
      return addDays(date, 7);
    case 'Home':
      return weekStart(date);
    case 'End':
      return addDays(weekStart(date), 6);
    case 'PageUp':
      return sameDayOfMonth(date, -1);
    case 'PageDown':
      return sameDayOfMonth(date, 1);
    default:
      return null;
  }
}

/** The same day of another month, or that month's last day when it is shorter. */
function sameDayOfMonth(date: CivilDate, months: number): CivilDate {
  const first = addMonths(monthStart(date), months);
  const wanted = addDays(first, Number(date.slice(8, 10)) - 1);
  return monthStart(wanted) === first ? wanted : addDays(addMonths(first, 1), -1);
}
