/**
 * Whose agent data is imported: between the form's text and the API, and what a change means for people.
 *
 * Entries stand one per line or between commas: `3` for an ACD, `1:11` for a skill, `1:4021` for a login ID. Where a
 * site has one ACD only, its number may be left out.
 */
import type { AgentScope } from '../api/types';

export type ScopeKind = AgentScope['kind'];

/** The kinds, from nobody to single people. */
export const SCOPE_KINDS: readonly ScopeKind[] = ['off', 'all', 'acds', 'skills', 'logins'];

/** A scope, or the entry that cannot be read; an empty one where entries are missing. */
export type ParsedScope = { scope: AgentScope } | { wrong: string };

const LARGEST_ACD = 32_767;
const LONGEST_LOGIN = 20;

function entriesOf(text: string): string[] {
  return text
    .split(/[\n,;]+/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function wholeNumber(text: string, least: number, most: number): number | null {
  if (!/^\d{1,9}$/.test(text)) return null;
  const number = Number(text);
  return number >= least && number <= most ? number : null;
}

/** ACD and the rest of an entry; `null` when the ACD is missing or no number of one. */
function parts(entry: string, onlyAcd: number | null): { acd: number; rest: string } | null {
  const colon = entry.indexOf(':');
  const acd = colon < 0 ? onlyAcd : wholeNumber(entry.slice(0, colon).trim(), 1, LARGEST_ACD);
  return acd === null ? null : { acd, rest: entry.slice(colon + 1).trim() };
}

/** Reads the form. */
export function parseScope(kind: ScopeKind, text: string, onlyAcd: number | null): ParsedScope {
  if (kind === 'off' || kind === 'all') return { scope: { kind } };
  const entries = [...new Set(entriesOf(text))];
  if (entries.length === 0) return { wrong: '' };
  const acds: number[] = [];
  const skills: { acd: number; skill: number }[] = [];
  const logins: { acd: number; login: string }[] = [];
  for (const entry of entries) {
    if (kind === 'acds') {
      const acd = wholeNumber(entry, 1, LARGEST_ACD);
      if (acd === null) return { wrong: entry };
      acds.push(acd);
      continue;
    }
    const read = parts(entry, onlyAcd);
    if (read === null || read.rest === '') return { wrong: entry };
    if (kind === 'logins') {
      if (read.rest.length > LONGEST_LOGIN) return { wrong: entry };
      logins.push({ acd: read.acd, login: read.rest });
    } else {
      const skill = wholeNumber(read.rest, 0, 999_999_999);
      if (skill === null) return { wrong: entry };
      skills.push({ acd: read.acd, skill });
    }
  }
  if (kind === 'acds') return { scope: { kind, acds } };
  return { scope: kind === 'skills' ? { kind, skills } : { kind, logins } };
}

/** The entries of a scope, as they are written in the form. */
export function entriesOfScope(scope: AgentScope): string[] {
  switch (scope.kind) {
    case 'acds':
      return scope.acds.map(String);
    case 'skills':
      return scope.skills.map(({ acd, skill }) => `${acd}:${skill}`);
    case 'logins':
      return scope.logins.map(({ acd, login }) => `${acd}:${login}`);
    default:
      return [];
  }
}

/** Whether everybody in `inner` is surely in `outer` too. */
function includes(outer: AgentScope, inner: AgentScope): boolean {
  if (inner.kind === 'off' || outer.kind === 'all') return true;
  if (outer.kind === 'off' || inner.kind === 'all') return false;
  const within = new Set(entriesOfScope(outer));
  if (outer.kind === inner.kind) return entriesOfScope(inner).every((entry) => within.has(entry));
  // Whoever is named by ACD and something else is among those of the ACD.
  return (
    outer.kind === 'acds' && entriesOfScope(inner).every((entry) => within.has(entry.split(':')[0] ?? ''))
  );
}

/** What a change means: more people's data is imported, or what was imported of some is deleted. It may be both. */
export function changeOf(before: AgentScope, after: AgentScope): { widens: boolean; narrows: boolean } {
  return { widens: !includes(before, after), narrows: !includes(after, before) };
}
