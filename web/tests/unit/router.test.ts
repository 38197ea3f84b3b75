import { expect, test } from 'vitest';
import { matchPath, safeReturnPath } from '../../src/lib/router/match';

test('patterns match whole segments and decode parameters', () => {
  expect(matchPath('/queues/:id', '/queues/12')).toEqual({ id: '12' });
  expect(matchPath('/queues/:id', '/queues/a%20b/')).toEqual({ id: 'a b' });
  expect(matchPath('/queues/:id', '/queues')).toBeNull();
  expect(matchPath('/queues/:id', '/queues/1/2')).toBeNull();
  expect(matchPath('/queues/:id', '/queues/%E0%A4%A')).toBeNull();
});

test.each([
  [null, '/integrations'],
  ['', '/integrations'],
  ['/queues/3?span=week', '/queues/3?span=week'],
  ['//evil.example', '/integrations'],
  ['/\\evil.example', '/integrations'],
  ['https://evil.example', '/integrations'],
  ['/sign-in?next=/x', '/integrations'],
])('after signing in, %s leads to %s', (next, to) => {
  expect(safeReturnPath(next)).toBe(to);
});
