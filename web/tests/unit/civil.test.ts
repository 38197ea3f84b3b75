import { describe, expect, test } from 'vitest';
import {
  addDays,
  addMonths,
  datesOf,
  daysBetween,
  isoWeekday,
  monthStart,
  parseCivilDate,
  weekStart,
} from '../../src/lib/time/civil';

describe('dates', () => {
  test.each([
    null,
    undefined,
    '',
    '2026-2-1',
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    'today',
    '2026-01-01T00:00',
  ])('%s is no date', (text) => {
    expect(parseCivilDate(text)).toBeNull();
  });

  test('a leap day is a date', () => {
    expect(parseCivilDate('2028-02-29')).toBe('2028-02-29');
  });

  test('days are counted across changes of the clock, months and years', () => {
    expect(addDays('2026-03-28', 2)).toBe('2026-03-30');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2);
    expect(daysBetween('2026-01-02', '2026-01-01')).toBe(-1);
  });

  test('weeks begin on Monday', () => {
    expect(isoWeekday('2026-11-22')).toBe(7);
    expect(weekStart('2026-11-22')).toBe('2026-11-16');
    expect(weekStart('2026-11-16')).toBe('2026-11-16');
  });

  test('months are added from their first day, across years', () => {
    expect(monthStart('2026-11-22')).toBe('2026-11-01');
    expect(addMonths('2026-11-22', 3)).toBe('2027-02-01');
    expect(addMonths('2026-01-31', -1)).toBe('2025-12-01');
  });

  test('a period without days is empty', () => {
    expect(datesOf('2026-01-01', '2026-01-03')).toEqual(['2026-01-01', '2026-01-02']);
    expect(datesOf('2026-01-03', '2026-01-01')).toEqual([]);
  });
});
