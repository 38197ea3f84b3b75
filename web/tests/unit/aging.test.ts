import { describe, expect, test } from 'vitest';
import { firstToGo } from '../../src/lib/ledger/aging';

const table = (name: string, ...oldest: (string | null)[]) => ({
  name,
  extents: oldest.map((oldestDate) => ({ oldestDate })),
});

describe('what goes first at the source', () => {
  test('a day stays as long as the oldest row had stayed when the source was looked at', () => {
    // On 20 November rows of the 10th were there: ten days are kept at least.
    const tables = [table('hsplit', '2026-11-10')];
    const going = firstToGo(tables, '2026-11-18', '2026-11-20', '2026-11-20');
    expect(going).toEqual({ table: 'hsplit', day: '2026-11-18', daysLeft: 9 });
    expect(firstToGo(tables, '2026-11-18', '2026-11-20', '2026-11-26')?.daysLeft).toBe(3);
  });

  test('the table and the ACD that keep least go first', () => {
    const tables = [table('hsplit', '2025-11-20'), table('ag_actv', '2026-11-02', '2026-11-17', null)];
    const going = firstToGo(tables, '2026-11-20', '2026-11-20', '2026-11-20');
    expect(going).toEqual({ table: 'ag_actv', day: '2026-11-20', daysLeft: 4 });
  });

  test('nothing is less than no day', () => {
    const tables = [table('ag_actv', '2026-11-17')];
    expect(firstToGo(tables, '2026-11-18', '2026-11-20', '2026-12-20')?.daysLeft).toBe(0);
    // Only what is still there can go.
    const before = firstToGo(tables, '2026-11-01', '2026-11-20', '2026-11-20');
    expect(before).toEqual({ table: 'ag_actv', day: '2026-11-17', daysLeft: 1 });
  });

  test('over the change of a year', () => {
    const tables = [table('hsplit', '2026-12-01')];
    expect(firstToGo(tables, '2026-12-30', '2026-12-31', '2027-01-02')?.daysLeft).toBe(28);
  });

  test('nothing is said where nothing is known', () => {
    expect(firstToGo([], '2026-11-18', '2026-11-20', '2026-11-20')).toBeNull();
    expect(firstToGo([table('hsplit', null)], '2026-11-18', '2026-11-20', '2026-11-20')).toBeNull();
  });
});
