/**
 * Names of the API's codes in the reader's language. A code that this version does not know is shown as it came:
 * a newer Hub must not leave a blank.
 */
import type { GapCause, IntegrationState, SlotQuality, SlotReason } from '../api/types';
import type { SlotState } from '../ledger/states';
import type { ConnectionStringError, ParseFault } from '../connection/parse';
import { m } from '../paraglide/messages.js';
import type { Theme } from '../theme.svelte';
import type { Stream } from '../streams';

type Names<K extends string> = Readonly<Record<K, () => string>>;

function nameIn(names: Readonly<Record<string, (() => string) | undefined>>, code: string): string {
  return names[code]?.() ?? code;
}

const STATES: Names<IntegrationState> = {
  connecting: m.state_connecting,
  importing: m.state_importing,
  operational: m.state_operational,
  paused: m.state_paused,
  problem: m.state_problem,
};

/** State of an integration. */
export function stateName(state: IntegrationState): string {
  return nameIn(STATES, state);
}

const SLOT_STATES: Names<SlotState> = {
  received: m.slot_received,
  corrected: m.slot_corrected,
  incomplete: m.slot_incomplete,
  missing: m.slot_missing,
  expected: m.slot_expected,
  notYetDue: m.slot_not_yet_due,
  setAside: m.slot_set_aside,
  outage: m.slot_outage,
  closed: m.slot_closed,
  outOfRange: m.slot_out_of_range,
  unknown: m.slot_unknown,
};

/** State of a slot or day in the ledger. */
export function slotStateName(state: SlotState): string {
  return nameIn(SLOT_STATES, state);
}

const SLOT_STATE_HINTS: Names<SlotState> = {
  received: m.slot_received_hint,
  corrected: m.slot_corrected_hint,
  incomplete: m.slot_incomplete_hint,
  missing: m.slot_missing_hint,
  expected: m.slot_expected_hint,
  notYetDue: m.slot_not_yet_due_hint,
  setAside: m.slot_set_aside_hint,
  outage: m.slot_outage_hint,
  closed: m.slot_closed_hint,
  outOfRange: m.slot_out_of_range_hint,
  unknown: m.slot_unknown_hint,
};

/** What the state means, in a sentence. */
export function slotStateHint(state: SlotState): string {
  return nameIn(SLOT_STATE_HINTS, state);
}

const QUALITIES: Names<SlotQuality> = {
  final: m.quality_final,
  incomplete: m.quality_incomplete,
  ambiguous: m.quality_ambiguous,
  missing: m.quality_missing,
  notYetDue: m.quality_not_yet_due,
  expected: m.quality_expected,
  zero: m.quality_zero,
  closed: m.quality_closed,
  outage: m.quality_outage,
  outOfRange: m.quality_out_of_range,
};

const OFFERED: Readonly<Record<string, () => string>> = {
  'acdcalls+abncalls': m.offered_answered_abandoned,
  'callsoffered-dequecalls-inflowcalls': m.offered_entry_demand,
  i_arrived: m.offered_arrived,
  incalls: m.offered_incalls,
  'incalls-vector abandons': m.offered_incalls_queued,
};

/** What counts as an offered call. */
export function offeredName(definition: string): string {
  return nameIn(OFFERED, definition);
}

/** Quality of a slot of figures. */
export function qualityName(quality: SlotQuality): string {
  return nameIn(QUALITIES, quality);
}

const REASONS: Names<SlotReason> = {
  otherRows: m.reason_other_rows,
  closingHours: m.reason_closing_hours,
  holiday: m.reason_holiday,
  learnedHours: m.reason_learned_hours,
  outage: m.reason_outage,
  sourceIncomplete: m.reason_source_incomplete,
  noRows: m.reason_no_rows,
  hoursUnknown: m.reason_hours_unknown,
  unconfirmed: m.reason_unconfirmed,
  setAside: m.reason_set_aside,
};

/** Why a slot is zero or unknown. */
export function reasonName(reason: SlotReason): string {
  return nameIn(REASONS, reason);
}

const GAP_CAUSES: Names<GapCause> = {
  outage: m.gap_outage,
  incomplete: m.gap_incomplete,
  noRows: m.gap_no_rows,
  hoursUnknown: m.gap_hours_unknown,
  unconfirmed: m.gap_unconfirmed,
  notRead: m.gap_not_read,
  setAside: m.gap_set_aside,
};

/** Why data is missing. */
export function gapCauseName(cause: GapCause): string {
  return nameIn(GAP_CAUSES, cause);
}

const OUTAGE_REASONS: Readonly<Record<string, () => string>> = {
  started: m.outage_started,
  newTranslations: m.outage_new_translations,
  turnedOff: m.outage_turned_off,
  busiedOut: m.outage_busied_out,
  timedOut: m.outage_timed_out,
  clockReset: m.outage_clock_reset,
  sessionDown: m.outage_session_down,
};

/** Why the source was blind. */
export function outageReasonName(reason: string): string {
  return nameIn(OUTAGE_REASONS, reason);
}

const DATA_TYPES: Names<'callHistory' | 'agentStatus' | 'realTimeStatus'> = {
  callHistory: m.data_type_call_history,
  agentStatus: m.data_type_agent_status,
  realTimeStatus: m.data_type_real_time_status,
};

/** A kind of data that an integration imports. */
export function dataTypeName(type: string): string {
  return nameIn(DATA_TYPES, type);
}

const seconds = (name: () => string) => () => `${name()} (s)`;

const MEASURES: Readonly<Record<string, () => string>> = {
  offered: m.offered,
  answered: m.answered,
  abandoned: m.abandoned,
  withinThreshold: m.within_threshold,
  thresholdSeconds: seconds(m.threshold),
  talkSeconds: seconds(m.talk_time),
  holdSeconds: seconds(m.hold_time),
  acwSeconds: seconds(m.acw),
  waitSeconds: seconds(m.wait_time),
  staffedSeconds: seconds(m.staffed_time),
  availableSeconds: seconds(m.available_time),
};

/** A figure named in the journal, with its unit; the Hub writes its name as the API does. */
export function measureName(measure: string): string {
  return nameIn(MEASURES, measure);
}

const THEME_NAMES: Names<Theme> = { system: m.theme_system, light: m.theme_light, dark: m.theme_dark };

/** A choice of colours. */
export function themeName(theme: Theme): string {
  return THEME_NAMES[theme]();
}

const SOURCES: Readonly<Record<string, () => string>> = { 'avaya-cms': () => 'Avaya CMS' };

/** A product that data comes from: a proper name, the same in every language. */
export function sourceName(source: string): string {
  return nameIn(SOURCES, source);
}

const ASIDE_REASONS: Readonly<Record<string, () => string>> = {
  'hit-row-limit': m.aside_hit_row_limit,
  'not-derivable': m.aside_not_derivable,
  emptied: m.aside_emptied,
  shrunken: m.aside_shrunken,
};

/** Why a read was set aside. */
export function asideReason(reason: string): string {
  return nameIn(ASIDE_REASONS, reason);
}

const ROLES: Readonly<Record<string, () => string>> = {
  owner: m.role_owner,
  admin: m.role_admin,
  planner: m.role_planner,
  'team-lead': m.role_team_lead,
  viewer: m.role_viewer,
  auditor: m.role_auditor,
};

const STREAMS: Readonly<Record<Stream, () => string>> = {
  queue_intervals: m.stream_queue_intervals,
  agent_intervals: m.stream_agent_intervals,
  agent_sessions: m.stream_agent_sessions,
  agent_statuses: m.stream_agent_statuses,
  queue_days: m.stream_queue_days,
  agent_days: m.stream_agent_days,
};

/** What is imported. */
export function streamName(stream: Stream): string {
  return STREAMS[stream]();
}

/** A role in the account. */
export function roleName(role: string): string {
  return nameIn(ROLES, role);
}

const PARSE_FAULTS: Readonly<Record<ParseFault, (inputs: { part: number }) => string>> = {
  empty: m.fault_empty,
  too_long: m.fault_too_long,
  no_equals_sign: m.fault_no_equals_sign,
  no_keyword: m.fault_no_keyword,
  strange_keyword: m.fault_strange_keyword,
  unclosed_brace: m.fault_unclosed_brace,
  text_after_brace: m.fault_text_after_brace,
  repeated: m.fault_repeated,
  control_character: m.fault_control_character,
};

/** Why a text is no connection string, and what to do. */
export function parseFaultText(error: ConnectionStringError): string {
  return PARSE_FAULTS[error.fault]({ part: error.part });
}
