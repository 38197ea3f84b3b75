import { describe, expect, test } from 'vitest';
import type { LiveAgent, LiveUpdate } from '../../src/lib/api/board';
import { Board } from '../../src/lib/board/board';
import { emptinessOf, lastingS, rowOf, viewOf, type BoardFilter } from '../../src/lib/board/rows';
import { realtimeOf, refusedField } from '../../src/lib/board/settings';
import { updateOf } from '../../src/lib/board/stream';
import { agentOf, feedOf } from '../browser/live-site';

const NOW_MS = Date.UTC(2026, 10, 25, 12);
const ALL: BoardFilter = { search: '', integration: null, acd: null, skill: null, states: new Set() };

function update(eventId: number, agents: LiveAgent[], more: Partial<LiveUpdate> = {}): LiveUpdate {
  return { eventId, now: new Date(NOW_MS).toISOString(), agents, gone: [], feeds: null, ...more };
}

function boardOf(...agents: LiveAgent[]): Board {
  const board = new Board();
  board.snapshot(update(1, agents, { feeds: [] }), NOW_MS);
  return board;
}

const agent = (number: number, more: Partial<LiveAgent> = {}): LiveAgent => ({
  ...agentOf(number, NOW_MS),
  ...more,
});
const names = (board: Board, by: 'name' | 'status' | 'since' | 'reason', descending = false) =>
  viewOf(board, ALL, { by, descending }, null, 'en').rows.map((row) => row.agent.name);

describe('snapshots and deltas', () => {
  test('a delta before the first snapshot is left out', () => {
    const board = new Board();
    expect(board.delta(update(5, [agent(1)]), NOW_MS)).toBe(false);
    expect(board.agents.size).toBe(0);
  });

  test('rows change, come and go; an older delta brings nothing back', () => {
    const board = boardOf(agent(1), agent(2));
    expect(
      board.delta(update(3, [agent(1, { state: 'aux' }), agent(3)], { gone: [agent(2).key] }), NOW_MS),
    ).toBe(true);
    expect(board.delta(update(2, [agent(1, { state: 'acd' }), agent(2)]), NOW_MS)).toBe(false);
    expect(board.agents.get(agent(1).key)?.state).toBe('aux');
    expect([...board.agents.keys()].sort()).toEqual([agent(1).key, agent(3).key]);
  });

  test('a change of feeds without a new event counts', () => {
    const board = boardOf(agent(1));
    expect(board.delta(update(1, [], { feeds: [feedOf(NOW_MS, 1)] }), NOW_MS)).toBe(true);
    expect(board.feeds).toHaveLength(1);
  });

  test('a snapshot replaces everything, whatever its number', () => {
    const board = boardOf(agent(1), agent(2));
    board.snapshot(update(0, [agent(4)], { feeds: [] }), NOW_MS);
    expect([...board.agents.keys()]).toEqual([agent(4).key]);
  });

  test('the Hub’s clock is known from what it sent', () => {
    const board = new Board();
    board.snapshot(update(1, []), NOW_MS - 7000);
    expect(board.hubAheadMs).toBe(7000);
  });

  test.each(['', '{}', 'null', '[]', '{"eventId":1,"now":"x","agents":{},"gone":[],"feeds":null}'])(
    'what is no update is none: %s',
    (data) => {
      expect(updateOf(data)).toBeNull();
    },
  );
});

describe('order', () => {
  const board = boardOf(
    agent(10, { name: 'Ute 10', state: 'aux', reason: 2, since: new Date(NOW_MS - 1000).toISOString() }),
    agent(2, { name: 'Ute 2', state: 'available', since: new Date(NOW_MS - 9000).toISOString() }),
    agent(3, { name: 'Émile', state: 'aux', reason: 0, since: new Date(NOW_MS - 5000).toISOString() }),
  );

  test('names stand by the language, numbers by their value', () => {
    expect(names(board, 'name')).toEqual(['Émile', 'Ute 2', 'Ute 10']);
    expect(names(board, 'name', true)).toEqual(['Ute 10', 'Ute 2', 'Émile']);
  });

  test('a reason of 0 is one, no reason is last in both directions', () => {
    expect(names(board, 'reason')).toEqual(['Émile', 'Ute 10', 'Ute 2']);
    expect(names(board, 'reason', true)).toEqual(['Ute 10', 'Émile', 'Ute 2']);
  });

  test('the shortest status comes first by duration; equal states stand by name', () => {
    expect(names(board, 'since')).toEqual(['Ute 10', 'Émile', 'Ute 2']);
    expect(names(board, 'status')).toEqual(['Ute 2', 'Émile', 'Ute 10']);
  });

  test('a renamed agent takes its new place', () => {
    const own = boardOf(agent(1, { name: 'B' }), agent(2, { name: 'C' }));
    expect(names(own, 'name')).toEqual(['B', 'C']);
    own.delta(update(2, [agent(2, { name: 'A' })]), NOW_MS);
    expect(names(own, 'name')).toEqual(['A', 'B']);
  });
});

describe('counts and unknown', () => {
  const board = boardOf(agent(0), agent(1), agent(3), agent(6));

  test('counts are of all states, whatever states are chosen', () => {
    const view = viewOf(
      board,
      { ...ALL, states: new Set(['aux']) },
      { by: 'name', descending: false },
      null,
      'en',
    );
    expect([...view.counts]).toEqual([
      ['available', 2],
      ['acd', 1],
      ['aux', 1],
    ]);
    expect(view.total).toBe(4);
    expect(view.rows.map((row) => row.state)).toEqual(['aux']);
  });

  test('every word of the search is looked for in name and login', () => {
    const view = viewOf(
      board,
      { ...ALL, search: 'AGENT 4003' },
      { by: 'name', descending: false },
      null,
      'en',
    );
    expect(view.rows.map((row) => row.agent.login)).toEqual(['4003']);
  });

  test('without the Hub all is unknown since it was heard', () => {
    const view = viewOf(board, ALL, { by: 'name', descending: false }, NOW_MS / 1000, 'en');
    expect([...view.counts]).toEqual([['unknown', 4]]);
    expect(new Set(view.rows.map((row) => row.cause))).toEqual(new Set(['hubGone']));
    expect(view.rows[0]?.sinceS).toBe(NOW_MS / 1000);
  });

  test('what the Hub says is unknown keeps its own cause and time', () => {
    const lost = agent(1, { state: 'unknown', unknownCause: 'frozen', lastState: 'acd' });
    const row = rowOf(lost, NOW_MS / 1000);
    expect(row.cause).toBe('frozen');
    expect(row.sinceS).toBe(Date.parse(lost.since) / 1000);
  });

  test('a status never lasts less than nothing', () => {
    const row = rowOf(agent(0, { since: new Date(NOW_MS + 1500).toISOString() }), null);
    expect(lastingS(row, NOW_MS / 1000)).toBe(0);
    expect(lastingS(row, NOW_MS / 1000 + 90)).toBe(88);
  });

  test('an empty board has its reason', () => {
    const never = feedOf(NOW_MS, 0, { state: 'listening', confirmedAt: null });
    const lost = feedOf(NOW_MS, 0, { state: 'lost', unknownCause: 'silent' });
    expect(emptinessOf([])).toBe('off');
    expect(emptinessOf([never])).toBe('neverConnected');
    expect(emptinessOf([lost])).toBe('unknown');
    expect(emptinessOf([never, feedOf(NOW_MS, 0)])).toBe('nobody');
  });
});

describe('settings', () => {
  test('text that is no number is sent as one that is refused at its field', () => {
    const draft = { port: '70000', bind: ' ', allowFrom: '10.1.0.0/16,  ::1', acd: 'x', profile: 'p' };
    expect(realtimeOf(true, false, [draft]).feeds).toEqual([
      { port: 0, bind: null, allowFrom: ['10.1.0.0/16', '::1'], acd: 0, profile: 'p' },
    ]);
  });

  test('a refusal names its field', () => {
    expect(refusedField('`realtime.feeds[1].port`: port 7001 is there twice')).toEqual({
      index: 1,
      field: 'port',
      text: 'port 7001 is there twice',
    });
    expect(refusedField('`realtime.feeds` is empty, so there is nothing to listen at')).toBeNull();
    expect(refusedField(null)).toBeNull();
  });
});
