/**
 * Problems in the reader's language.
 *
 * Pages translate by the stable code; causes of the driver and of the Hub share one table, and `_` and `-` are the
 * same in it. For a code without an entry the Hub's own English texts are shown: better foreign than nothing.
 */
import { m } from '../paraglide/messages.js';
import { getLocale } from '../paraglide/runtime.js';
import { formatRoughDuration } from './format';

/** What problems of requests and of integrations have in common. */
export interface ProblemTexts {
  code: string;
  title: string;
  detail?: string | null;
  remedy?: string | null;
  retryAfterS?: number | null;
}

interface Entry {
  title: () => string;
  remedy?: () => string;
}

const ENTRIES: Readonly<Record<string, Entry | undefined>> = {
  unreachable: { title: m.problem_unreachable, remedy: m.remedy_unreachable },
  'unexpected-answer': { title: m.problem_unexpected_answer, remedy: m.remedy_unexpected_answer },
  'not-signed-in': { title: m.problem_not_signed_in, remedy: m.remedy_not_signed_in },
  'wrong-credentials': { title: m.problem_wrong_credentials, remedy: m.remedy_wrong_credentials },
  'not-allowed': { title: m.problem_not_allowed, remedy: m.remedy_not_allowed },
  'session-needed': { title: m.problem_session_needed, remedy: m.remedy_not_signed_in },
  'owner-needed': { title: m.problem_owner_needed, remedy: m.remedy_owner_needed },
  'last-owner': { title: m.problem_last_owner, remedy: m.remedy_last_owner },
  'user-exists': { title: m.problem_user_exists, remedy: m.remedy_user_exists },
  'user-inactive': { title: m.problem_user_inactive, remedy: m.remedy_user_inactive },
  'link-not-valid': { title: m.problem_link_not_valid, remedy: m.remedy_link_not_valid },
  'invalid-password': { title: m.problem_invalid_password, remedy: m.password_hint },
  'current-password-wrong': {
    title: m.problem_current_password_wrong,
    remedy: m.remedy_current_password_wrong,
  },
  'invalid-email': { title: m.problem_invalid_email, remedy: m.remedy_invalid_email },
  'not-found': { title: m.problem_not_found, remedy: m.remedy_not_found },
  'too-many-attempts': { title: m.problem_too_many_attempts, remedy: m.remedy_too_many_attempts },
  'origin-refused': { title: m.problem_origin_refused, remedy: m.remedy_origin_refused },
  'internal-error': { title: m.problem_internal_error, remedy: m.remedy_internal_error },
  'storage-full': { title: m.problem_storage_full, remedy: m.remedy_storage_full },
  'storage-unavailable': { title: m.problem_storage_unavailable, remedy: m.remedy_storage_unavailable },
  'storage-busy': { title: m.problem_storage_busy, remedy: m.remedy_storage_busy },
  'shutting-down': { title: m.problem_shutting_down, remedy: m.remedy_shutting_down },
  'invalid-name': { title: m.problem_invalid_name, remedy: m.remedy_invalid_name },
  'name-taken': { title: m.problem_name_taken, remedy: m.remedy_name_taken },
  'invalid-pin': { title: m.problem_wrong_pin, remedy: m.remedy_invalid_pin },
  'wrong-pin': { title: m.problem_wrong_pin, remedy: m.remedy_invalid_pin },
  'no-link-waiting': { title: m.problem_no_link_waiting, remedy: m.remedy_no_link_waiting },
  'not-examined': { title: m.problem_not_examined, remedy: m.remedy_not_examined },
  'reading-not-whole': { title: m.problem_reading_not_whole, remedy: m.remedy_reading_not_whole },
  'reading-outdated': { title: m.problem_reading_outdated, remedy: m.remedy_reading_outdated },
  'invalid-period': { title: m.problem_invalid_period, remedy: m.remedy_invalid_period },
  'invalid-zone': { title: m.problem_invalid_zone, remedy: m.remedy_invalid_zone },
  'no-vdns-chosen': { title: m.problem_no_vdns_chosen, remedy: m.remedy_no_vdns_chosen },
  'arrivals-not-split': { title: m.problem_arrivals_not_split, remedy: m.remedy_arrivals_not_split },
  'invalid-agent-scope': { title: m.problem_invalid_agent_scope, remedy: m.remedy_invalid_agent_scope },
  'invalid-realtime': { title: m.problem_invalid_realtime, remedy: m.remedy_invalid_realtime },
  'invalid-feed-profile': { title: m.problem_invalid_profile, remedy: m.remedy_invalid_profile },
  'invalid-feed-profile-name': { title: m.problem_profile_name, remedy: m.profile_name_hint },
  'feed-profile-shipped': { title: m.problem_profile_name, remedy: m.profiles_text },
  'feed-profile-in-use': { title: m.problem_profile_in_use, remedy: m.remedy_profile_in_use },
  'link-away': { title: m.problem_link_away, remedy: m.feed_remedy_link_gone },
  'unknown-feed-port': { title: m.problem_unknown_port, remedy: m.remedy_unknown_port },
  'invalid-agent-tables': { title: m.problem_invalid_agent_tables, remedy: m.remedy_invalid_agent_tables },
  'step-finer-than-source': { title: m.problem_step_finer, remedy: m.remedy_step_finer },
  'driver-by-path': { title: m.problem_driver_by_path, remedy: m.remedy_refused_by_link },
  'database-stalled': { title: m.problem_database_stalled, remedy: m.remedy_connection_lost },
  'worker-failed': { title: m.problem_worker_failed, remedy: m.remedy_worker_failed },
  'unexpected-data': { title: m.problem_unexpected_data, remedy: m.remedy_unexpected_data },
  'reading-not-usable': { title: m.problem_reading_not_usable, remedy: m.remedy_versions },
  'task-not-understood': { title: m.problem_link_too_old, remedy: m.remedy_upgrade_link },
  'table-not-in-catalogue': { title: m.problem_link_too_old, remedy: m.remedy_upgrade_link },
  'link-fault': { title: m.problem_link_fault, remedy: m.remedy_link_fault },
  'link-not-connected': { title: m.problem_link_not_connected, remedy: m.remedy_link_not_connected },
  'driver-not-registered': { title: m.problem_driver_not_registered, remedy: m.remedy_driver_not_registered },
  'data-source-unknown': { title: m.problem_data_source_unknown, remedy: m.remedy_data_source_unknown },
  'wrong-password': { title: m.problem_wrong_password, remedy: m.remedy_wrong_password },
  'no-rows-in-open-hours': {
    title: m.problem_no_rows_in_open_hours,
    remedy: m.remedy_no_rows_in_open_hours,
  },
  'invalid-business-hours': { title: m.problem_invalid_hours, remedy: m.remedy_invalid_hours },
  'missing-rights': { title: m.problem_missing_rights, remedy: m.remedy_missing_rights },
  'host-unreachable': { title: m.problem_host_unreachable, remedy: m.remedy_host_unreachable },
  'login-timeout': { title: m.problem_login_timeout, remedy: m.remedy_login_timeout },
  'statement-timeout': { title: m.problem_statement_timeout, remedy: m.remedy_statement_timeout },
  'statement-limit': { title: m.problem_statement_limit, remedy: m.remedy_statement_limit },
  'invalid-quiet-hours': { title: m.problem_quiet_hours, remedy: m.remedy_quiet_hours },
  'table-missing': { title: m.problem_table_missing, remedy: m.remedy_table_missing },
  'column-missing': { title: m.problem_column_missing, remedy: m.remedy_column_missing },
  'columns-missing': { title: m.problem_column_missing, remedy: m.remedy_column_missing },
  'database-missing': { title: m.problem_database_missing, remedy: m.remedy_database_missing },
  'database-locked': { title: m.problem_database_locked, remedy: m.remedy_database_locked },
  'connection-lost': { title: m.problem_connection_lost, remedy: m.remedy_connection_lost },
  'invalid-connection-string': { title: m.problem_connection_string, remedy: m.remedy_connection_string },
  'unsealed-secret': { title: m.problem_unsealed_secret, remedy: m.remedy_unsealed_secret },
  'connection-string-invalid': { title: m.problem_connection_string, remedy: m.remedy_connection_string },
  'connection-refused-by-link': { title: m.problem_refused_by_link, remedy: m.remedy_refused_by_link },
  'connection-not-for-this-link': {
    title: m.problem_sealed_elsewhere,
    remedy: m.remedy_enter_password_again,
  },
  'connection-changed-without-password': {
    title: m.problem_changed_without_password,
    remedy: m.remedy_enter_password_again,
  },
};

function entryOf(code: string): Entry | undefined {
  return ENTRIES[code.replaceAll('_', '-')];
}

/** What went wrong, in a few words. */
export function problemTitle(problem: ProblemTexts): string {
  return entryOf(problem.code)?.title() ?? problem.title;
}

/**
 * What went wrong in this case. The Hub's text is English, so other languages see it only where nothing else says
 * what happened.
 */
export function problemDetail(problem: ProblemTexts): string | null {
  const detail = problem.detail ?? null;
  if (detail === null || detail === problem.title) return null;
  return getLocale() === 'en' || !entryOf(problem.code) ? detail : null;
}

/** What to do about it. */
export function problemRemedy(problem: ProblemTexts): string | null {
  const remedy = entryOf(problem.code)?.remedy?.() ?? problem.remedy ?? null;
  if (problem.code === 'too-many-attempts' && problem.retryAfterS) {
    return m.retry_in({ duration: formatRoughDuration(problem.retryAfterS) });
  }
  return remedy;
}
