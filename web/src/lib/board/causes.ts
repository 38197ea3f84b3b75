/** Why nothing is known, in the reader's language. A cause that a newer Hub may add is named as it came. */
import { m } from '../paraglide/messages.js';
import type { Cause } from './rows';

type Names = Readonly<Record<string, (() => string) | undefined>>;

const CAUSES: Readonly<Record<Cause, () => string>> = {
  linkGone: m.cause_link_gone,
  stale: m.cause_stale,
  disconnected: m.cause_disconnected,
  silent: m.cause_silent,
  frozen: m.cause_frozen,
  emptied: m.cause_emptied,
  switchLink: m.cause_switch_link,
  notListening: m.cause_not_listening,
  reconfigured: m.cause_reconfigured,
  hubGone: m.cause_hub_gone,
};

/** Why a status is not known, as a sentence. */
export function causeText(cause: string): string {
  return (CAUSES as Names)[cause]?.() ?? cause;
}
