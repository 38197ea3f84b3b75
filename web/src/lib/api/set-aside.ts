/** Reads that were set aside: what is decided about them. */
import { cancel, client, idOf, path, read, send, type Answer, type Id } from './client';
import type { paths } from './schema.gen';
import type { SetAsidePage } from './types';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;

export type SetAside = SetAsidePage['items'][number];
export type SetAsideDecision = Json<
  paths['/api/v1/integrations/{id}/setAside/decisions']['get']['responses'][200]
>['items'][number];

/** The newest decisions. */
export async function fetchDecisions(id: Id, signal?: AbortSignal): Promise<SetAsideDecision[]> {
  const { items } = await read(
    client.GET('/api/v1/integrations/{id}/setAside/decisions', { ...path(id), ...cancel(signal) }),
  );
  return items;
}

/** Applies a read that was set aside, or throws it away. */
export async function decideSetAside(id: Id, reading: number, accept: boolean, why: string): Promise<void> {
  const params = { path: { id: idOf(id), reading } };
  const body = { why };
  const request = accept
    ? client.POST('/api/v1/integrations/{id}/setAside/{reading}/accept', { params, body })
    : client.POST('/api/v1/integrations/{id}/setAside/{reading}/discard', { params, body });
  await send(request as Promise<Answer>);
}
