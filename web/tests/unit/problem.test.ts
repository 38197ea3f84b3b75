import { expect, test } from 'vitest';
import { asProblem, problemOf } from '../../src/lib/api/problem';
import { idOf } from '../../src/lib/api/live';
import { problemDetail, problemRemedy, problemTitle } from '../../src/lib/i18n/problems';
import { overwriteGetLocale } from '../../src/lib/paraglide/runtime.js';

const answer = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers });

test('a problem of the Hub keeps its code and remedy', () => {
  const body = {
    type: '/problems/name-taken',
    code: 'name-taken',
    title: 'taken',
    detail: 'd',
    remedy: 'r',
    status: 422,
  };
  expect(problemOf(answer(422), body)).toMatchObject({
    status: 422,
    code: 'name-taken',
    detail: 'd',
    remedy: 'r',
  });
});

test('the code can be read from the type', () => {
  expect(problemOf(answer(422), { type: '/problems/invalid-pin', title: 't' }).code).toBe('invalid-pin');
});

test.each([undefined, null, '<html>', {}, { code: 7 }])('an answer of %j is an unexpected one', (body) => {
  expect(problemOf(answer(502), body)).toMatchObject({ status: 502, code: 'unexpected-answer' });
});

test('waiting times are kept', () => {
  const problem = problemOf(answer(429, { 'Retry-After': '30' }), { code: 'too-many-attempts', title: 't' });
  expect(problem.retryAfterS).toBe(30);
  expect(problemRemedy(problem)).toContain('30');
});

test('no answer at all is a problem too', () => {
  expect(asProblem(new TypeError('failed to fetch'))).toMatchObject({ status: 0, code: 'unreachable' });
});

test('problems are translated by code, whichever way it is written', () => {
  const problem = { code: 'wrong_password', title: 'title', detail: 'login refused', remedy: 'remedy' };
  expect(problemTitle(problem)).toBe('The database refused the user name or password');
  expect(problemDetail(problem)).toBe('login refused');
  overwriteGetLocale(() => 'fr');
  expect(problemTitle({ ...problem, code: 'wrong-password' })).toBe(
    'La base de données a refusé le nom d’utilisateur ou le mot de passe',
  );
  expect(problemDetail(problem)).toBeNull();
  expect(problemTitle({ code: 'new-code', title: 'something new', detail: 'd' })).toBe('something new');
  expect(problemDetail({ code: 'new-code', title: 'something new', detail: 'd' })).toBe('d');
  overwriteGetLocale(() => 'en');
});

test('hints name an integration or are ignored', () => {
  expect(idOf('{"id":7}')).toBe('7');
  expect(idOf('{"id":"a"}')).toBe('a');
  for (const data of ['', '{}', 'null', '[]', '{"id":null}']) expect(idOf(data)).toBeNull();
});
