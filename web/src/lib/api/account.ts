/** Users, invitations, one-time links, one's own security, and the access log: their part of the API's client. */
import { cancel, client, path, read, send, type Answer, type Id } from './client';
import type { paths } from './schema.gen';
import type { Session } from './types';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;

export type User = Json<paths['/api/v1/users/{id}']['get']['responses'][200]>;
export type Role = User['role'];
export type Invitation = Json<paths['/api/v1/invitations']['get']['responses'][200]>['items'][number];
export type MadeLink = Json<paths['/api/v1/invitations']['post']['responses'][201]>;
export type OneTime = Json<paths['/api/v1/oneTimeLinks/look']['post']['responses'][200]>;
export type LinkUse = paths['/api/v1/oneTimeLinks/use']['post']['requestBody']['content']['application/json'];
export type OwnSession = Json<paths['/api/v1/me/sessions']['get']['responses'][200]>['items'][number];
export type AccessToken = Json<paths['/api/v1/me/tokens']['get']['responses'][200]>['items'][number];
export type MadeToken = Json<paths['/api/v1/me/tokens']['post']['responses'][201]>;
export type Scope = AccessToken['scope'];
export type AuditPage = Json<paths['/api/v1/audit']['get']['responses'][200]>;
export type AuditEntry = AuditPage['items'][number];

/** All roles, the mightiest first. */
export const ROLES: readonly Role[] = ['owner', 'admin', 'planner', 'team-lead', 'viewer', 'auditor'];
/** All scopes of access tokens, the widest first. */
export const SCOPES: readonly Scope[] = ['all', 'read', 'queues'];

/** What a link is for. Looking does not use it up. */
export function lookAtLink(token: string, signal?: AbortSignal): Promise<OneTime> {
  return read(client.POST('/api/v1/oneTimeLinks/look', { body: { token }, ...cancel(signal) }));
}

/** Uses a link up and signs in. */
export function useLink(body: LinkUse): Promise<Session> {
  return read(client.POST('/api/v1/oneTimeLinks/use', { body }));
}

/** All users of the account, page by page. */
export async function fetchUsers(signal?: AbortSignal): Promise<User[]> {
  const items: User[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: 1000 };
    if (cursor !== null) query.cursor = cursor;
    const page: { items: User[]; nextCursor: string | null } = await read(
      client.GET('/api/v1/users', { params: { query }, ...cancel(signal) }),
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

/** Changes the role of a user, or switches them off or on. */
export function changeUser(id: Id, change: { role?: Role; active?: boolean }): Promise<User> {
  return read(client.PATCH('/api/v1/users/{id}', { ...path(id), body: change }));
}

/** Makes a link with which a user sets a new password. */
export function makePasswordLink(id: Id): Promise<MadeLink> {
  return read(client.POST('/api/v1/users/{id}/passwordLink', path(id)));
}

/** Invitations that were not used. */
export async function fetchInvitations(signal?: AbortSignal): Promise<Invitation[]> {
  return (await read(client.GET('/api/v1/invitations', cancel(signal)))).items;
}

/** Invites somebody; the link is shown this once. */
export function invite(email: string, role: Role): Promise<MadeLink> {
  return read(client.POST('/api/v1/invitations', { body: { email, role } }));
}

/** Takes an invitation back. */
export async function revokeInvitation(id: string): Promise<void> {
  const params = { path: { id } };
  await send(client.DELETE('/api/v1/invitations/{id}', { params }) as Promise<Answer>);
}

/** Changes one's own password. */
export async function changePassword(current: string, next: string): Promise<void> {
  await send(client.PUT('/api/v1/me/password', { body: { current, new: next } }) as Promise<Answer>);
}

/** Where one is signed in. */
export async function fetchSessions(signal?: AbortSignal): Promise<OwnSession[]> {
  return (await read(client.GET('/api/v1/me/sessions', cancel(signal)))).items;
}

/** Ends one of one's sessions. */
export async function endSession(id: string): Promise<void> {
  await send(client.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } }) as Promise<Answer>);
}

/** Ends all of one's sessions but this one. */
export async function endOtherSessions(): Promise<void> {
  await send(client.DELETE('/api/v1/me/sessions') as Promise<Answer>);
}

/** One's own access tokens. */
export async function fetchTokens(signal?: AbortSignal): Promise<AccessToken[]> {
  return (await read(client.GET('/api/v1/me/tokens', cancel(signal)))).items;
}

/** Makes an access token; it is shown this once. */
export function makeToken(name: string, scope: Scope, expiresInDays: number): Promise<MadeToken> {
  return read(client.POST('/api/v1/me/tokens', { body: { name, scope, expiresInDays } }));
}

/** Ends one of one's access tokens. */
export async function revokeToken(id: string): Promise<void> {
  await send(client.DELETE('/api/v1/me/tokens/{id}', { params: { path: { id } } }) as Promise<Answer>);
}

/** Which entries of the access log; instants are RFC 3339. */
export interface AuditFilter {
  actor: string;
  action: string;
  object: string;
  from: string | null;
  to: string | null;
}

function queryOf(filter: AuditFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== null && value !== ''));
}

/** A page of the access log, newest first. */
export function fetchAudit(
  filter: AuditFilter,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<AuditPage> {
  const query = { ...queryOf(filter), limit: 50, ...(cursor === null ? {} : { cursor }) };
  const request = client.GET('/api/v1/audit', { params: { query }, ...cancel(signal) });
  return read<AuditPage>(request as Promise<{ data?: AuditPage; error?: unknown; response: Response }>);
}

/** Address of all entries of the filter as a CSV file, for a plain link. */
export function auditCsvUrl(filter: AuditFilter): string {
  return `/api/v1/audit?${new URLSearchParams({ ...queryOf(filter), format: 'csv' })}`;
}
