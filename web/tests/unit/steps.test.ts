import { describe, expect, test } from 'vitest';
import { gapsOf, hoursPerTick, intervalAt, runsOf } from '../../src/lib/charts/steps';
import { stepOf, stepOfMinutes, stepsFinerThan } from '../../src/pages/queue/steps';

describe('runs of levels', () => {
  const starts = [0, 30, 60, 90];
  const lengths = [30, 30, 30, 30];

  test('a missing figure breaks the line and is not drawn as nought', () => {
    const runs = runsOf(starts, lengths, [5, null, 0, 7]);
    expect(runs).toEqual([
      [{ from: 0, to: 30, value: 5 }],
      [
        { from: 60, to: 90, value: 0 },
        { from: 90, to: 120, value: 7 },
      ],
    ]);
  });

  test('a hole between intervals breaks it too', () => {
    expect(runsOf([0, 60], [30, 30], [1, 2])).toHaveLength(2);
  });

  test('nothing known draws nothing', () => {
    expect(runsOf(starts, lengths, [null, null, undefined, null])).toEqual([]);
  });
});

test('stretches without figures are joined by reason', () => {
  const slots = ['missing', 'missing', 'final', 'missing', 'notYetDue'].map((quality, index) => ({
    start: index * 30,
    length: 30,
    quality,
  }));
  expect(gapsOf(slots, ['missing', 'notYetDue'])).toEqual([
    { from: 0, to: 60, quality: 'missing' },
    { from: 90, to: 120, quality: 'missing' },
    { from: 120, to: 150, quality: 'notYetDue' },
  ]);
});

test('a point belongs to the interval that contains it', () => {
  const starts = [100, 200, 300];
  const lengths = [100, 50, 100];
  expect(intervalAt(starts, lengths, 199)).toBe(0);
  expect(intervalAt(starts, lengths, 200)).toBe(1);
  expect(intervalAt(starts, lengths, 260)).toBeNull();
  expect(intervalAt(starts, lengths, 399)).toBe(2);
  expect(intervalAt(starts, lengths, 400)).toBeNull();
  expect(intervalAt([], [], 1)).toBeNull();
});

test('ticks are as many as labels fit', () => {
  expect(hoursPerTick(24, 1400, 46)).toBe(1);
  expect(hoursPerTick(24, 300, 46)).toBe(4);
  expect(hoursPerTick(24, 40, 46)).toBe(12);
});

test('steps finer than the source cannot be chosen', () => {
  expect(stepsFinerThan(30)).toEqual(['15m']);
  expect(stepsFinerThan(null)).toEqual([]);
  expect(stepOf('1h')).toBe('1h');
  expect(stepOf('7m')).toBeNull();
  expect(stepOfMinutes(1440)).toBe('1d');
  expect(stepOfMinutes(7)).toBeNull();
});
