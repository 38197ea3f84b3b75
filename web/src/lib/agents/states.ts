/**
 * The vocabulary of agent states: names in the reader's language, and the order in which they stand below each other.
 *
 * A state that a newer Hub may add is named as it came and drawn as unknown, never as one of the others.
 */
import type { AgentSlot, AgentState, AgentStatus, CrossCheck } from '../api/agents';
import { causeText } from '../board/causes';
import { m } from '../paraglide/messages.js';

/** Lanes of a timeline from top to bottom. `loggedIn` is a session: what the agent did in it is not known. */
export const LANES = [
  'loggedIn',
  'available',
  'ringing',
  'acd',
  'afterCall',
  'directAcd',
  'directAfterCall',
  'aux',
  'other',
  'unknown',
] as const;

/** One lane. */
export type Lane = (typeof LANES)[number];

const NAMES: Readonly<Record<AgentState | 'loggedIn', () => string>> = {
  loggedIn: m.agent_state_logged_in,
  available: m.agent_state_available,
  acd: m.agent_state_acd,
  afterCall: m.agent_state_after_call,
  aux: m.agent_state_aux,
  directAcd: m.agent_state_direct_acd,
  directAfterCall: m.agent_state_direct_after_call,
  ringing: m.agent_state_ringing,
  other: m.agent_state_other,
  unknown: m.agent_state_unknown,
  unstaffed: m.agent_state_unstaffed,
  logOn: m.agent_state_log_on,
  logOff: m.agent_state_log_off,
};

/** Name of a state or lane. */
export function agentStateName(state: string): string {
  return (NAMES as Readonly<Record<string, (() => string) | undefined>>)[state]?.() ?? state;
}

/** The lane of a status; `null` for what has no length or no presence. */
export function laneOf(status: Pick<AgentStatus, 'state' | 'source'>): Lane | null {
  if (status.source === 'sessions') return 'loggedIn';
  if (status.state === 'logOn' || status.state === 'logOff' || status.state === 'unstaffed') return null;
  const known: readonly string[] = LANES;
  return known.includes(status.state) ? (status.state as Lane) : 'unknown';
}

/** Name of a status, with what is known of a call on hold. */
export function statusName(status: AgentStatus): string {
  if (status.source === 'sessions') return m.agent_state_logged_in();
  if (status.hold === 'probable') return m.agent_state_probably_hold();
  if (status.hold === 'flagged') return m.agent_state_hold();
  return agentStateName(status.state);
}

/** The name of an AUX reason, or its number where the dictionary has none. */
export function reasonName(reason: number | null | undefined, name: string | null | undefined): string {
  if (name) return name;
  return reason === null || reason === undefined ? '' : m.reason_number({ number: String(reason) });
}

/** What is known of a status beyond its state, as phrases. */
export function statusDetails(status: AgentStatus): string[] {
  const details: string[] = [];
  // Asked as text: a Hub may name sources and causes that this page does not know yet.
  const { source, unknownCause } = status as { source: string; unknownCause?: string | null };
  if (status.state === 'unknown' && unknownCause) details.push(causeText(unknownCause));
  if (source === 'feed') details.push(m.source_feed());
  const reason = reasonName(status.reason, status.reasonName);
  if (reason !== '') details.push(reason);
  const skill = status.skillName ?? status.skill;
  if (skill) details.push(m.label_value({ label: m.skill(), value: skill }));
  if (status.direction) details.push(status.direction === 'in' ? m.direction_in() : m.direction_out());
  if (status.logoutReason !== null && status.logoutReason !== undefined) {
    details.push(m.label_value({ label: m.logout_reason(), value: String(status.logoutReason) }));
  }
  if (status.hold === 'probable') details.push(m.hold_probable_reason());
  if (status.hold === 'flagged') details.push(m.hold_flagged_reason());
  if (status.state === 'unknown' && status.sourceMode !== null && status.sourceMode !== undefined) {
    details.push(m.source_mode({ number: String(status.sourceMode) }));
  }
  if (status.quality === 'ambiguous') details.push(m.quality_ambiguous());
  if (status.quality === 'shifted') details.push(m.agent_quality_shifted());
  if (status.quality === 'incomplete') details.push(m.quality_incomplete());
  return details;
}

const QUALITIES: Readonly<Record<AgentSlot['quality'], () => string>> = {
  final: m.quality_final,
  incomplete: m.quality_incomplete,
  ambiguous: m.quality_ambiguous,
  missing: m.quality_missing,
  notYetDue: m.quality_not_yet_due,
  expected: m.quality_expected,
  zero: m.agent_quality_zero,
};

/** Quality of a slot of an agent. */
export function agentQualityName(quality: AgentSlot['quality']): string {
  return (QUALITIES as Readonly<Record<string, (() => string) | undefined>>)[quality]?.() ?? quality;
}

const CAUSES: Readonly<Record<string, (() => string) | undefined>> = {
  notTraced: m.drift_cause_not_traced,
  partlyTraced: m.drift_cause_partly_traced,
  otherStates: m.drift_cause_other_states,
};

/** Why trace and interval row differ. */
export function driftCauseName(cause: CrossCheck['deviations'][number]['cause']): string {
  return CAUSES[cause]?.() ?? cause;
}
