import { describe, expect, test } from 'vitest';
import { hoursText, parseHours } from '../../src/lib/ledger/hours';

describe('hours of a day', () => {
  test.each(['', '08:00-18:00', '08:00-12:00, 13:00-18:30', '00:00-24:00'])(
    '%s is kept as written',
    (text) => {
      const spans = parseHours(text, 'friday');
      expect(spans && hoursText(spans, 'friday')).toBe(text);
      expect(spans && hoursText(spans, 'monday')).toBe('');
    },
  );

  test.each([
    ['8:00 – 18:00', '08:00-18:00'],
    ['8h30-12h00;13.00-17.00', '08:30-12:00, 13:00-17:00'],
  ])('%s is understood as %s', (text, meant) => {
    expect(hoursText(parseHours(text, 'monday') ?? [], 'monday')).toBe(meant);
  });

  test.each(['8-18', '18:00-08:00', '08:00-25:00', '08:00', '08:00-12:75', 'closed'])('%s is not', (text) => {
    expect(parseHours(text, 'monday')).toBeNull();
  });
});
