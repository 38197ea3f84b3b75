/** Agents and what they did: the part of the API's client that concerns single people. */
import { cancel, client, idOf, path, read, type Id } from './client';
import type { paths } from './schema.gen';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;

export type AgentPage = Json<paths['/api/v1/agents']['get']['responses'][200]>;
export type Agent = AgentPage['items'][number];
export type AgentStatuses = Json<paths['/api/v1/agents/{id}/statuses']['get']['responses'][200]>;
export type AgentStatus = AgentStatuses['statuses'][number];
export type AgentState = AgentStatus['state'];
export type CrossCheck = NonNullable<AgentStatuses['crossCheck']>;
export type AgentSessions = Json<paths['/api/v1/agents/{id}/sessions']['get']['responses'][200]>;
export type AgentSession = AgentSessions['sessions'][number];
export type AgentIntervals = Json<paths['/api/v1/agents/{id}/intervals']['get']['responses'][200]>;
export type AgentSlot = AgentIntervals['slots'][number];
export type AgentDay = AgentIntervals['days'][number];
export type AgentFindings = Json<paths['/api/v1/integrations/{id}/agentFindings']['get']['responses'][200]>;
export type FindingsOfAcd = AgentFindings['acds'][number];

/** Which agents a list shows. */
export interface AgentFilter {
  search: string;
  integration: string | null;
  acd: string | null;
}

/** A page of agents that match a search over names and login IDs. */
export function fetchAgents(
  filter: AgentFilter,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<AgentPage> {
  const query = {
    limit: 100,
    ...(filter.search === '' ? {} : { search: filter.search }),
    ...(filter.integration === null ? {} : { integration: idOf(filter.integration) }),
    ...(filter.acd === null ? {} : { acd: idOf(filter.acd) }),
    ...(cursor === null ? {} : { cursor }),
  };
  return read(client.GET('/api/v1/agents', { params: { query }, ...cancel(signal) }));
}

/** One agent. */
export function fetchAgent(id: Id, signal?: AbortSignal): Promise<Agent> {
  return read(client.GET('/api/v1/agents/{id}', { ...path(id), ...cancel(signal) }));
}

const period = (id: Id, from: string, to: string) => ({
  params: { path: { id: idOf(id) }, query: { from, to } },
});

/** What an agent did; `to` is exclusive, days are local to the ACD. */
export function fetchAgentStatuses(
  id: Id,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<AgentStatuses> {
  return read(client.GET('/api/v1/agents/{id}/statuses', { ...period(id, from, to), ...cancel(signal) }));
}

/** When an agent was logged in. */
export function fetchAgentSessions(
  id: Id,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<AgentSessions> {
  return read(client.GET('/api/v1/agents/{id}/sessions', { ...period(id, from, to), ...cancel(signal) }));
}

/** Times and calls of an agent, slot by slot. */
export function fetchAgentIntervals(
  id: Id,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<AgentIntervals> {
  return read(client.GET('/api/v1/agents/{id}/intervals', { ...period(id, from, to), ...cancel(signal) }));
}

/** How the agent tables of each ACD are read, with the evidence. */
export function fetchAgentFindings(id: Id, signal?: AbortSignal): Promise<AgentFindings> {
  return read(client.GET('/api/v1/integrations/{id}/agentFindings', { ...path(id), ...cancel(signal) }));
}
