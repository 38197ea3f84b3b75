import { describe, expect, test } from 'vitest';
import { monthsEndingWith, moveInCalendar, rangeOf } from '../../src/lib/ledger/calendar';
import {
  countStates,
  dayState,
  letterOf,
  SLOT_STATES,
  stateOfLetter,
  summed,
} from '../../src/lib/ledger/states';

describe('letters', () => {
  test('every state but the unknown has a letter that leads back to it', () => {
    for (const state of SLOT_STATES.filter((known) => known !== 'unknown')) {
      expect(stateOfLetter(letterOf(state))).toBe(state);
    }
  });

  test('a letter of a newer Hub is unknown, never received', () => {
    expect(stateOfLetter('q')).toBe('unknown');
    expect(dayState('rrq')).toBe('unknown');
  });

  test('slots are counted by state', () => {
    expect([...countStates('rrmc')]).toEqual([
      ['received', 2],
      ['missing', 1],
      ['corrected', 1],
    ]);
  });
});

describe('a day', () => {
  test.each([
    ['', null],
    ['mmrrrrmm', 'received'],
    ['mmrrmrrm', 'missing'],
    ['mmmm', 'missing'],
    ['mrrmnn', 'received'],
    ['mrrren', 'expected'],
    ['mriirm', 'incomplete'],
    ['mrcrm', 'corrected'],
    ['mrmcsm', 'setAside'],
    ['nnnn', 'notYetDue'],
    ['eeee', 'expected'],
    ['zrrz', 'received'],
    ['zzzz', 'closed'],
    ['mzrr', 'missing'],
    ['zroz', 'outage'],
    ['xxxx', 'outOfRange'],
  ])('%s shows as %s', (letters, state) => {
    expect(dayState(letters)).toBe(state);
  });
});

describe('several days', () => {
  test('show what deserves attention first, and how much is known', () => {
    expect(summed(['zrrz', 'zrmz', 'nnnn'])).toEqual({ state: 'missing', known: 7, slots: 8 });
    expect(summed(['zrrz', 'xxxx'])).toEqual({ state: 'received', known: 4, slots: 4 });
    expect(summed([])).toEqual({ state: null, known: 0, slots: 0 });
  });
});

describe('the calendar', () => {
  const months = monthsEndingWith('2026-11-22', 12);
  const range = rangeOf(months);

  test('has twelve months up to the given one, in whole weeks from Monday', () => {
    expect(months.map((month) => month.first)[0]).toBe('2025-12-01');
    expect(months.at(-1)?.first).toBe('2026-11-01');
    expect(range).toEqual({ from: '2025-12-01', to: '2026-12-01' });
    expect(months.at(-1)?.weeks[0]).toEqual([null, null, null, null, null, null, '2026-11-01']);
    for (const month of months) for (const week of month.weeks) expect(week).toHaveLength(7);
  });

  test.each([
    ['ArrowLeft', '2026-10-31', '2026-10-30'],
    ['ArrowRight', '2026-10-31', '2026-11-01'],
    ['ArrowUp', '2026-11-03', '2026-10-27'],
    ['ArrowDown', '2026-11-03', '2026-11-10'],
    ['Home', '2026-11-04', '2026-11-02'],
    ['End', '2026-11-04', '2026-11-08'],
    ['PageUp', '2026-03-31', '2026-02-28'],
    ['PageDown', '2026-01-31', '2026-02-28'],
    ['ArrowRight', '2026-11-30', '2026-11-30'],
    ['PageUp', '2025-12-05', '2025-12-01'],
  ])('%s leads from %s to %s', (key, from, to) => {
    expect(range && moveInCalendar(from, key, range)).toBe(to);
  });

  test('other keys do not move', () => {
    expect(range && moveInCalendar('2026-11-04', 'Enter', range)).toBeNull();
  });
});
