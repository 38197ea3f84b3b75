import { describe, expect, test } from 'vitest';
import { averageHandleSeconds, ratio, sumKnown } from '../../src/lib/figures/handle';

describe('average handle time', () => {
  test('is the sum of talk, hold and after-call work over the calls answered', () => {
    const sums = { answered: 4, talkSeconds: 800, holdSeconds: 40, acwSeconds: 160 };
    expect(averageHandleSeconds(sums)).toBe(250);
  });

  test('is empty when nothing was answered', () => {
    expect(averageHandleSeconds({ answered: 0, talkSeconds: 0, holdSeconds: 0, acwSeconds: 0 })).toBeNull();
  });

  test.each(['answered', 'talkSeconds', 'holdSeconds', 'acwSeconds'] as const)(
    'is empty when %s is unknown',
    (part) => {
      const sums = { answered: 4, talkSeconds: 800, holdSeconds: 40, acwSeconds: 160, [part]: null };
      expect(averageHandleSeconds(sums)).toBeNull();
    },
  );
});

test('a ratio over nought or over nothing is empty', () => {
  expect(ratio(3, 0)).toBeNull();
  expect(ratio(null, 5)).toBeNull();
  expect(ratio(3, null)).toBeNull();
  expect(ratio(3, 12)).toBe(0.25);
});

test('a sum of what is known is empty when nothing is, and nought when noughts are', () => {
  expect(sumKnown([null, null])).toBeNull();
  expect(sumKnown([0, null])).toBe(0);
  expect(sumKnown([2, null, 3])).toBe(5);
});
