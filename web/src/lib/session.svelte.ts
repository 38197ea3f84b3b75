/**
 * Who is signed in.
 *
 * `unknown` until the Hub has answered once; `signedOut` sends every page to the sign-in form, which leads back to
 * where the reader was.
 */
import { fetchSession, onSignedOut, signIn, signOut } from './api/client';
import { asProblem, type ApiProblem } from './api/problem';
import type { Session } from './api/types';

type State =
  | { kind: 'unknown' }
  | { kind: 'signedOut' }
  | { kind: 'unreachable'; problem: ApiProblem }
  | { kind: 'signedIn'; session: Session };

let state = $state.raw<State>({ kind: 'unknown' });

onSignedOut(() => {
  state = { kind: 'signedOut' };
});

/** The state; reactive. */
export function sessionState(): State {
  return state;
}

/** The session of the signed-in reader, or `null`; reactive. */
export function session(): Session | null {
  return state.kind === 'signedIn' ? state.session : null;
}

/** Asks the Hub who is signed in. */
export async function loadSession(): Promise<void> {
  try {
    state = { kind: 'signedIn', session: await fetchSession() };
  } catch (thrown) {
    const problem = asProblem(thrown);
    state = problem.status === 401 ? { kind: 'signedOut' } : { kind: 'unreachable', problem };
  }
}

/** Signs in; throws the problem when the Hub refuses. */
export async function openSession(email: string, password: string): Promise<void> {
  state = { kind: 'signedIn', session: await signIn(email, password) };
}

/** Takes a session that began in another way than by the sign-in form, such as a one-time link. */
export function adoptSession(session: Session): void {
  state = { kind: 'signedIn', session };
}

/** Signs out. The page forgets the session even when the Hub cannot be told; the cookie then ends by its own age. */
export async function closeSession(): Promise<void> {
  await signOut();
  state = { kind: 'signedOut' };
}
