import { describe, expect, test } from 'vitest';
import {
  dayLengthMinutes,
  isZone,
  localParts,
  offsetMinutes,
  offsetText,
  startOfDay,
  zoneNames,
} from '../../src/lib/time/zone';

describe('local days', () => {
  test.each([
    ['Europe/Paris', '2026-03-29', 23],
    ['Europe/Paris', '2026-10-25', 25],
    ['Europe/Paris', '2026-06-01', 24],
    ['America/New_York', '2026-11-01', 25],
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
    ['Australia/Lord_Howe', '2026-10-04', 23.5],
    ['UTC', '2026-03-29', 24],
  ])('%s %s lasts %d hours', (zone, date, hours) => {
    expect(dayLengthMinutes(date, zone)).toBe(hours * 60);
  });

  test('begin at midnight, or later where the clock skips it', () => {
    expect(new Date(startOfDay('2026-11-22', 'Europe/Paris') * 1000).toISOString()).toBe(
      '2026-11-21T23:00:00.000Z',
    );
    const skipped = startOfDay('2018-11-04', 'America/Sao_Paulo');
    expect(localParts(skipped, 'America/Sao_Paulo')).toEqual({ date: '2018-11-04', hour: 1, minute: 0 });
  });

  test('the repeated hour reads the same and has two offsets', () => {
    const first = Date.parse('2026-10-25T00:30:00Z') / 1000;
    const second = first + 3600;
    expect(localParts(first, 'Europe/Paris')).toEqual(localParts(second, 'Europe/Paris'));
    expect(offsetMinutes(first, 'Europe/Paris')).toBe(120);
    expect(offsetMinutes(second, 'Europe/Paris')).toBe(60);
  });
});

test('offsets read with sign and two digits', () => {
  expect(offsetText(60)).toBe('+01:00');
  expect(offsetText(-210)).toBe('-03:30');
  expect(offsetText(0)).toBe('+00:00');
});

test('an unknown zone is told and shown as UTC', () => {
  expect(isZone('Europe/Paris')).toBe(true);
  expect(isZone('Mars/Olympus')).toBe(false);
  expect(isZone('')).toBe(false);
  expect(localParts(0, 'Mars/Olympus')).toEqual({ date: '1970-01-01', hour: 0, minute: 0 });
  expect(zoneNames()).toContain('UTC');
});
