/**
 * Consequences and notices in the reader's language, by their stable code. One without an entry is shown in the Hub's
 * English: better foreign than nothing.
 */
import { m } from '../paraglide/messages.js';
import { formatInteger } from './format';

/** A text of the API with its code and values. */
export interface Coded {
  code: string;
  text: string;
  parameters: Readonly<Record<string, string>>;
}

/** Values of a text; a missing one is left blank rather than breaking the sentence. */
type Values = (name: string) => string;

const number = (of: Values) => ({
  count: Number(of('count')),
  number: formatInteger(Number(of('count'))),
  table: of('table'),
  acd: of('acd'),
});
const table = (of: Values) => ({ table: of('table') });
const acd = (of: Values) => ({ table: of('table'), acd: of('acd') });
const change = (of: Values) => ({ ...acd(of), before: of('before'), after: of('after') });

const CAUSES: Readonly<Record<string, ((inputs: { zone: string }) => string) | undefined>> = {
  offset: m.zone_cause_offset,
  future: m.zone_cause_future,
  behind: m.zone_cause_behind,
};

function zoneText(of: Values): string {
  const inputs = {
    acd: of('acd'),
    cause: CAUSES[of('cause')]?.({ zone: of('zone') }) ?? '',
    likely: of('likely'),
  };
  return inputs.likely === '' ? m.notice_zone_doubtful_none(inputs) : m.notice_zone_doubtful(inputs);
}

const TEXTS: Readonly<Record<string, ((of: Values) => string) | undefined>> = {
  'no-starttime-utc': (of) => m.note_no_starttime_utc(table(of)),
  'no-agent-intervals': () => m.note_no_agent_intervals(),
  'no-agent-sessions': () => m.note_no_agent_sessions(),
  'no-agent-trace': () => m.note_no_agent_trace(),
  'no-agent-days': () => m.note_no_agent_days(),
  'no-vdn-intervals': () => m.note_no_vdn_intervals(),
  'no-split-days': () => m.note_no_split_days(),
  'no-vdn-days': () => m.note_no_vdn_days(),
  'nobody-traced': (of) => m.note_nobody_traced({ acd: of('acd') }),
  'traced-agents': (of) => m.note_traced_agents(number(of)),
  'columns-missing': (of) => m.note_columns_missing({ table: of('table'), columns: of('columns') }),
  'aux-reasons': (of) => m.note_aux_reasons(number(of)),
  'dictionary-lacks': (of) => m.note_dictionary_lacks({ types: of('types') }),
  'duplicate-keys': (of) => m.note_duplicate_keys(number(of)),
  'clock-differs': (of) => m.note_clock_differs({ seconds: of('seconds') }),
  'table-gone': (of) => m.notice_table_gone(table(of)),
  'table-new': (of) => m.notice_table_new(table(of)),
  'columns-gone': (of) => m.notice_columns_gone({ table: of('table'), columns: of('columns') }),
  'columns-new': (of) => m.notice_columns_new({ table: of('table'), columns: of('columns') }),
  'starttime-utc-gone': (of) => m.notice_starttime_utc_gone(table(of)),
  'starttime-utc-new': (of) => m.notice_starttime_utc_new(table(of)),
  'aux-reasons-changed': (of) => m.notice_aux_reasons_changed(change(of)),
  'owner-changed': (of) => m.notice_owner_changed(change(of)),
  'dictionary-types-gone': (of) => m.notice_dictionary_types_gone({ types: of('types') }),
  'acd-gone': (of) => m.notice_acd_gone(acd(of)),
  'acd-new': (of) => m.notice_acd_new(acd(of)),
  'interval-changed': (of) => m.notice_interval_changed(change(of)),
  'retention-shorter': (of) => m.notice_retention_shorter(change(of)),
  'trace-stopped': (of) => m.notice_trace_stopped(change(of)),
  'trace-began': (of) => m.notice_trace_began(change(of)),
  'duplicates-new': (of) => m.notice_duplicates_new(change(of)),
  'database-changed': (of) => m.notice_database_changed(change(of)),
  'zone-doubtful': zoneText,
};

/** The text in the reader's language. */
export function codedText(coded: Coded): string {
  return TEXTS[coded.code]?.((name) => coded.parameters[name] ?? '') ?? coded.text;
}

/** Codes that ask somebody to act; the others are good to know. */
export function isUrgent(code: string): boolean {
  return code.endsWith('-gone') || ['zone-doubtful', 'trace-stopped', 'retention-shorter'].includes(code);
}
