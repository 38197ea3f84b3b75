import { describe, expect, test } from 'vitest';
import { reasonSeconds, reasonsOf, skillsOf } from '../../src/lib/agents/sums';
import { laneOf } from '../../src/lib/agents/states';
import {
  barsOf,
  lanesOf,
  secondsByLane,
  statusAt,
  ticksOf,
  windowAround,
} from '../../src/lib/agents/timeline';
import type { AgentSlot, AgentStatus } from '../../src/lib/api/agents';
import { addDays } from '../../src/lib/time/civil';
import { startOfDay } from '../../src/lib/time/zone';

const PARIS = 'Europe/Paris';
const dayOf = (date: string) => ({ from: startOfDay(date, PARIS), to: startOfDay(addDays(date, 1), PARIS) });
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

function status(
  from: number,
  to: number,
  state: AgentStatus['state'],
  more: Partial<AgentStatus> = {},
): AgentStatus {
  return {
    start: iso(from),
    end: iso(to),
    state,
    direction: null,
    reason: null,
    reasonName: null,
    skill: null,
    skillName: null,
    logoutReason: null,
    hold: 'no',
    sourceMode: null,
    unknownCause: null,
    source: 'trace',
    quality: 'final',
    ...more,
  };
}

describe('bars', () => {
  test.each([
    ['2026-03-29', 23],
    ['2026-07-01', 24],
    ['2026-10-25', 25],
  ])('the last hour of %s is one of %d', (date, hours) => {
    const day = dayOf(date);
    const [bar] = barsOf([status(day.to - 3600, day.to, 'acd')], day);
    expect(bar?.x).toBeCloseTo((hours - 1) / hours);
    expect(bar?.width).toBeCloseTo(1 / hours);
    expect(ticksOf(day, day, 25)).toHaveLength(hours);
  });

  test('what begins before or ends after the window is cut, moments have no bar', () => {
    const day = dayOf('2026-07-01');
    const hour = { from: day.from + 3600, to: day.from + 7200 };
    const statuses = [
      status(day.from, day.from, 'logOn'),
      status(day.from, hour.from + 900, 'available'),
      status(hour.to - 900, day.to, 'aux'),
      status(day.from + 8000, day.from + 9000, 'acd'),
    ];
    expect(barsOf(statuses, hour)).toEqual([
      { index: 1, lane: 'available', x: 0, width: 0.25 },
      { index: 2, lane: 'aux', x: 0.75, width: 0.25 },
    ]);
    expect(lanesOf(statuses)).toEqual(['available', 'acd', 'aux']);
    expect(secondsByLane(statuses, hour).get('available')).toBe(900);
  });

  test('a session and a state that is not known have lanes of their own', () => {
    expect(laneOf(status(0, 1, 'other', { source: 'sessions' }))).toBe('loggedIn');
    expect(laneOf(status(0, 1, 'telepathy' as AgentStatus['state']))).toBe('unknown');
  });

  test('a window stays within the day', () => {
    const day = { from: 0, to: 86_400 };
    expect(windowAround(day, 10, 3600)).toEqual({ from: 0, to: 3600 });
    expect(windowAround(day, 86_390, 3600)).toEqual({ from: 82_800, to: 86_400 });
    expect(windowAround(day, 40_000, 100_000)).toEqual(day);
  });

  test('a moment finds the status that lasts then, else the nearest', () => {
    const statuses = [status(0, 100, 'available'), status(100, 200, 'acd'), status(500, 600, 'aux')];
    expect(statusAt(statuses, 99)).toBe(0);
    expect(statusAt(statuses, 100)).toBe(1);
    expect(statusAt(statuses, 450)).toBe(2);
    expect(statusAt([status(5, 5, 'logOn')], 5)).toBeNull();
  });
});

describe('sums', () => {
  const slot = (more: Partial<AgentSlot>) =>
    ({ auxSeconds: null, auxByReason: [], skills: [], ...more }) as unknown as AgentSlot;

  test('a reason that a known slot lacks is nought, in an unknown slot it is not known', () => {
    const slots = [
      slot({ auxSeconds: 60, auxByReason: [{ reason: 2, name: 'Lunch', seconds: 60 }] }),
      slot({ auxSeconds: 0 }),
      slot({}),
    ];
    expect(reasonsOf(slots)).toEqual([{ reason: 2, name: 'Lunch' }]);
    expect(slots.map((one) => reasonSeconds(one, 2))).toEqual([60, 0, null]);
  });

  test('what one slot does not know, the sum of a skill does not know', () => {
    const part = {
      skill: '10',
      name: null,
      staffedSeconds: 1,
      availableSeconds: 1,
      acdSeconds: 5,
      acwSeconds: 6,
      ringingSeconds: 7,
      answered: 1,
    };
    const slots = [
      slot({ skills: [part] }),
      slot({
        skills: [
          { ...part, acwSeconds: null },
          { ...part, skill: '9' },
        ],
      }),
    ];
    const sums = skillsOf(slots);
    expect(sums.map((sum) => sum.skill)).toEqual(['9', '10']);
    expect(sums[1]).toMatchObject({ acdSeconds: 10, acwSeconds: null, answered: 2 });
  });
});
