/**
 * Questions about agent tables that a site's own rows answer, as rows of one list: what was found, what speaks for it,
 * and what an administrator set.
 *
 * Every question takes the same form here, so that the page that asks them need not know them one by one.
 */
import type { FindingsOfAcd } from '../api/agents';
import type { AgentTables } from '../api/types';
import { m } from '../paraglide/messages.js';
import { agentStateName } from './states';

/** An answer with what speaks for and against it, whatever the question. */
export interface AnyFinding {
  answer?: string | null;
  certain: boolean;
  overridden: boolean;
  name?: string | null;
  evidence: { test: string; answer: string; inFavour: number; against: number }[];
}

/** Where the setting of a question stands. */
export type Place =
  | { field: 'eventTime' | 'eventTimeForm' | 'sessionEpoch' }
  | { field: 'workModes' | 'directions'; number: string };

/** One question. */
export interface Question {
  /** Unique in the list. */
  key: string;
  text: string;
  /** `null` where nobody can set it, or nothing has to be. */
  place: Place | null;
  /** The answers that can be set. */
  answers: readonly string[];
  /** What is used without an answer. */
  fallback: string | null;
  finding: AnyFinding | null;
}

const STATES = [
  'available',
  'ringing',
  'acd',
  'afterCall',
  'directAcd',
  'directAfterCall',
  'aux',
  'other',
  'unstaffed',
  'logOn',
  'logOff',
  'unknown',
] as const;

const ANSWERS: Readonly<Record<string, (() => string) | undefined>> = {
  start: m.answer_start,
  end: m.answer_end,
  hhmmss: m.answer_hhmmss,
  secondsOfDay: m.answer_seconds_of_day,
  utc: m.answer_epoch_utc,
  local: m.answer_epoch_local,
  writtenAtLogin: m.answer_written_at_login,
  writtenAtLogout: m.answer_written_at_logout,
  in: m.direction_in,
  out: m.direction_out,
};

/** Name of an answer. */
export function answerName(answer: string): string {
  return ANSWERS[answer]?.() ?? agentStateName(answer);
}

const TESTS: Readonly<Record<string, (() => string) | undefined>> = {
  chain: m.test_chain,
  digits: m.test_digits,
  'interval-totals': m.test_interval_totals,
  position: m.test_position,
  reason: m.test_reason,
  name: m.test_name,
  'known-code': m.test_known_code,
  'calls-come-in': m.test_calls_come_in,
  interval: m.test_interval,
  'row-date': m.test_row_date,
  'staffed-now': m.test_staffed_now,
};

/** What a test looks at. */
export function testName(test: string): string {
  return TESTS[test]?.() ?? test;
}

const numbers = (found: object | undefined, set: object): string[] =>
  [...new Set([...Object.keys(found ?? {}), ...Object.keys(set)])].sort(
    (one, other) => Number(one) - Number(other),
  );

/** The questions of an ACD, with those about numbers that only the settings name. */
export function questionsOf(found: FindingsOfAcd | null, tables: AgentTables): Question[] {
  const fixed: Question[] = [
    {
      key: 'eventTime',
      text: m.question_event_time(),
      place: { field: 'eventTime' },
      answers: ['start', 'end'],
      fallback: 'start',
      finding: found?.eventTime ?? null,
    },
    {
      key: 'eventTimeForm',
      text: m.question_event_time_form(),
      place: { field: 'eventTimeForm' },
      answers: ['hhmmss', 'secondsOfDay'],
      fallback: 'hhmmss',
      finding: found?.eventTimeForm ?? null,
    },
    {
      key: 'sessionEpoch',
      text: m.question_session_epoch(),
      place: { field: 'sessionEpoch' },
      answers: ['utc', 'local'],
      fallback: 'utc',
      finding: found?.sessionEpoch ?? null,
    },
    {
      key: 'openSessions',
      text: m.question_open_sessions(),
      place: null,
      answers: [],
      fallback: null,
      finding: found?.openSessions ?? null,
    },
  ];
  const modes = numbers(found?.workModes, tables.workModes ?? {}).map((number): Question => ({
    key: `mode-${number}`,
    text: m.question_work_mode({ number }),
    place: { field: 'workModes', number },
    answers: STATES,
    fallback: 'unknown',
    finding: found?.workModes[number] ?? null,
  }));
  const directions = numbers(found?.directions, tables.directions ?? {}).map((number): Question => ({
    key: `direction-${number}`,
    text: m.question_direction({ number }),
    place: { field: 'directions', number },
    answers: ['in', 'out'],
    fallback: null,
    finding: found?.directions[number] ?? null,
  }));
  return [...fixed, ...modes, ...directions];
}

/** What is set at a place; empty: as found. */
export function settingAt(tables: AgentTables, place: Place): string {
  if ('number' in place) return tables[place.field]?.[place.number] ?? '';
  return tables[place.field] ?? '';
}

/** The settings with another word at a place; empty takes it away. */
export function withSetting(tables: AgentTables, place: Place, answer: string): AgentTables {
  if (!('number' in place)) {
    return { ...tables, [place.field]: answer === '' ? null : answer };
  }
  const others = Object.entries(tables[place.field] ?? {}).filter(([number]) => number !== place.number);
  const set = answer === '' ? others : [...others, [place.number, answer]];
  return { ...tables, [place.field]: Object.fromEntries(set) as Record<string, never> };
}
