/**
 * The access log in the reader's language: what was done, by what. An action without an entry is shown by its stable name:
 * better foreign than nothing.
 */
import type { Scope } from '../api/account';
import { m } from '../paraglide/messages.js';

const ACTIONS: Readonly<Record<string, (() => string) | undefined>> = {
  'account.created': m.audit_account_created,
  'session.began': m.audit_session_began,
  'session.refused': m.audit_session_refused,
  'session.ended': m.audit_session_ended,
  'session.revoked': m.audit_session_revoked,
  'user.added': m.audit_user_added,
  'user.changed': m.audit_user_changed,
  'user.invited': m.audit_user_invited,
  'user.uninvited': m.audit_user_uninvited,
  'password.link': m.audit_password_link,
  'password.changed': m.audit_password_changed,
  'token.created': m.audit_token_created,
  'token.revoked': m.audit_token_revoked,
  'integration.created': m.audit_integration_created,
  'integration.changed': m.audit_integration_changed,
  'integration.paused': m.audit_integration_paused,
  'integration.resumed': m.audit_integration_resumed,
  'integration.deleted': m.audit_integration_deleted,
  'integration.paired': m.audit_integration_paired,
  'integration.verified': m.audit_integration_verified,
  'integration.reimported': m.audit_integration_reimported,
  'integration.previewed': m.audit_integration_previewed,
  'reading.accepted': m.audit_reading_accepted,
  'reading.discarded': m.audit_reading_discarded,
  'feedProfile.saved': m.audit_feed_profile_saved,
  'feedProfile.deleted': m.audit_feed_profile_deleted,
  'notice.dismissed': m.audit_notice_dismissed,
  'queue.changed': m.audit_queue_changed,
  'queue.identity': m.audit_queue_identity,
  'agent.viewed': m.audit_agent_viewed,
  'live.viewed': m.audit_live_viewed,
  'audit.exported': m.audit_exported,
};

/** Actions that can be searched for, in the order of their list. */
export const AUDIT_ACTIONS: readonly string[] = Object.keys(ACTIONS);

/** What was done. */
export function actionName(action: string): string {
  return ACTIONS[action]?.() ?? action;
}

const VIA: Readonly<Record<string, (() => string) | undefined>> = {
  session: m.audit_via_session,
  token: m.audit_via_token,
  link: m.audit_via_link,
  console: m.audit_via_console,
};

/** By what somebody acted; empty when nobody was signed in. */
export function viaName(via: string): string {
  return VIA[via]?.() ?? '';
}

const SCOPE_NAMES: Readonly<Record<Scope, () => string>> = {
  all: m.scope_all,
  read: m.scope_read,
  queues: m.scope_queues,
};

/** What an access token may do. */
export function scopeName(scope: Scope): string {
  return SCOPE_NAMES[scope]();
}
