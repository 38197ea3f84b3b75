/** Notices of an integration: what changed at its source, or does not fit its settings. */
import { cancel, client, idOf, path, read, send, type Answer, type Id } from './client';
import type { paths } from './schema.gen';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;

export type Notice = Json<
  paths['/api/v1/integrations/{id}/notices']['get']['responses'][200]
>['items'][number];

/** The open notices, newest first. */
export async function fetchNotices(id: Id, signal?: AbortSignal): Promise<Notice[]> {
  const { items } = await read(
    client.GET('/api/v1/integrations/{id}/notices', { ...path(id), ...cancel(signal) }),
  );
  return items;
}

/** Dismisses a notice. */
export async function dismissNotice(id: Id, notice: number): Promise<void> {
  const params = { path: { id: idOf(id), notice } };
  await send(client.DELETE('/api/v1/integrations/{id}/notices/{notice}', { params }) as Promise<Answer>);
}
