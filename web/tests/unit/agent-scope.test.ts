import { describe, expect, test } from 'vitest';
import { changeOf, entriesOfScope, parseScope } from '../../src/lib/agents/scope';
import type { AgentScope } from '../../src/lib/api/types';

describe('parseScope', () => {
  test('reads every kind, and leaves out repetitions', () => {
    expect(parseScope('off', 'ignored', null)).toEqual({ scope: { kind: 'off' } });
    expect(parseScope('acds', '1, 3\n1', null)).toEqual({ scope: { kind: 'acds', acds: [1, 3] } });
    expect(parseScope('skills', '1:11\n 2 : 12 ', null)).toEqual({
      scope: {
        kind: 'skills',
        skills: [
          { acd: 1, skill: 11 },
          { acd: 2, skill: 12 },
        ],
      },
    });
  });

  test('a login ID is text, with its noughts in front', () => {
    expect(parseScope('logins', '1:004021', null)).toEqual({
      scope: { kind: 'logins', logins: [{ acd: 1, login: '004021' }] },
    });
  });

  test('the only ACD may be left out, one of several may not', () => {
    expect(parseScope('logins', '4021', 1)).toEqual({
      scope: { kind: 'logins', logins: [{ acd: 1, login: '4021' }] },
    });
    expect(parseScope('logins', '4021', null)).toEqual({ wrong: '4021' });
  });

  test('names the entry that cannot be read', () => {
    expect(parseScope('acds', '1\n0', null)).toEqual({ wrong: '0' });
    expect(parseScope('acds', '40000', null)).toEqual({ wrong: '40000' });
    expect(parseScope('skills', '1:sales', null)).toEqual({ wrong: '1:sales' });
    expect(parseScope('logins', '1:', null)).toEqual({ wrong: '1:' });
    expect(parseScope('logins', ' \n ', null)).toEqual({ wrong: '' });
  });

  test('what a scope says is read again as the same scope', () => {
    const scopes: AgentScope[] = [
      { kind: 'acds', acds: [2, 1] },
      { kind: 'skills', skills: [{ acd: 1, skill: 5 }] },
      { kind: 'logins', logins: [{ acd: 3, login: '77' }] },
    ];
    for (const scope of scopes) {
      expect(parseScope(scope.kind, entriesOfScope(scope).join('\n'), null)).toEqual({ scope });
    }
  });
});

describe('changeOf', () => {
  const off: AgentScope = { kind: 'off' };
  const all: AgentScope = { kind: 'all' };
  const acd1: AgentScope = { kind: 'acds', acds: [1] };
  const login1: AgentScope = { kind: 'logins', logins: [{ acd: 1, login: '7' }] };
  const login2: AgentScope = { kind: 'logins', logins: [{ acd: 2, login: '7' }] };
  const skill1: AgentScope = { kind: 'skills', skills: [{ acd: 1, skill: 7 }] };

  test.each([
    [off, off, false, false],
    [all, all, false, false],
    [off, login1, true, false],
    [login1, off, false, true],
    [acd1, all, true, false],
    [acd1, login1, false, true],
    [login1, acd1, true, false],
    [login1, login2, true, true],
    [acd1, login2, true, true],
    [skill1, login1, true, true],
  ])('%j to %j', (before, after, widens, narrows) => {
    expect(changeOf(before, after)).toEqual({ widens, narrows });
  });
});
