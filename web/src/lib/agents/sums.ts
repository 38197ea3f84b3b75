/**
 * Sums over the slots of an agent's day.
 *
 * Only what may be added is: AUX by reason, and of skills the states that an agent has in one skill at a time. What is
 * unknown in one slot is unknown in the sum.
 */
import type { AgentSlot } from '../api/agents';

/** An AUX reason that occurs. */
export interface Reason {
  reason: number;
  name: string | null;
}

/** The AUX reasons of some slots, by number. */
export function reasonsOf(slots: readonly AgentSlot[]): Reason[] {
  const found = new Map<number, string | null>();
  for (const { auxByReason } of slots) {
    for (const { reason, name } of auxByReason) found.set(reason, found.get(reason) ?? name ?? null);
  }
  return [...found]
    .map(([reason, name]) => ({ reason, name }))
    .sort((one, other) => one.reason - other.reason);
}

/** Seconds of a reason in a slot: nought where the slot's AUX is known and this reason has none, `null` where not. */
export function reasonSeconds(slot: AgentSlot, reason: number): number | null {
  const own = slot.auxByReason.filter((part) => part.reason === reason);
  if (own.length > 0) return own.reduce((sum, part) => sum + part.seconds, 0);
  return slot.auxSeconds === null || slot.auxSeconds === undefined ? null : 0;
}

/** What one skill had of an agent. */
export interface SkillSum {
  skill: string;
  name: string | null;
  acdSeconds: number | null;
  acwSeconds: number | null;
  ringingSeconds: number | null;
  answered: number | null;
}

const plus = (one: number | null, other: number | null | undefined): number | null =>
  one === null || other === null || other === undefined ? null : one + other;

/** Sums per skill over some slots, by number. */
export function skillsOf(slots: readonly AgentSlot[]): SkillSum[] {
  const sums = new Map<string, SkillSum>();
  for (const part of slots.flatMap((slot) => slot.skills)) {
    const known = sums.get(part.skill) ?? {
      skill: part.skill,
      name: part.name ?? null,
      acdSeconds: 0,
      acwSeconds: 0,
      ringingSeconds: 0,
      answered: 0,
    };
    sums.set(part.skill, {
      ...known,
      acdSeconds: plus(known.acdSeconds, part.acdSeconds),
      acwSeconds: plus(known.acwSeconds, part.acwSeconds),
      ringingSeconds: plus(known.ringingSeconds, part.ringingSeconds),
      answered: plus(known.answered, part.answered),
    });
  }
  return [...sums.values()].sort((one, other) =>
    one.skill.localeCompare(other.skill, 'en', { numeric: true }),
  );
}
