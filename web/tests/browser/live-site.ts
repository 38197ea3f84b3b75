/**
 * The built application with a played API, on a loopback port of its own.
 *
 * What agents do now cannot be arranged at a real Hub at will: thousands of rows, a feed that stops, a Hub that falls
 * silent. The pages are the real ones, the stream is a real one; only what it says is played.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { AddressInfo, Socket } from 'node:net';
import type { LiveAgent, LiveFeed, LiveUpdate } from '../../src/lib/api/board';

const DIST = new URL('../../dist', import.meta.url).pathname;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};
const STATES = ['available', 'acd', 'afterCall', 'aux', 'ringing', 'other'] as const;

/** An agent in one of some states, by number. */
export function agentOf(number: number, nowMs: number): LiveAgent {
  const state = STATES[number % STATES.length] ?? 'other';
  return {
    key: `1.7001.1.${4000 + number}`,
    agentId: number + 1,
    integrationId: 1,
    port: 7001,
    acd: 1,
    login: String(4000 + number),
    name: `Agent ${String(number).padStart(4, '0')}`,
    state,
    since: new Date(nowMs - (number % 600) * 1000).toISOString(),
    sinceKind: number % 7 === 0 ? 'earlier' : 'source',
    unknownCause: null,
    lastState: null,
    direction: state === 'acd' ? 'in' : null,
    reason: state === 'aux' ? number % 4 : null,
    reasonName: state === 'aux' && number % 4 === 1 ? 'Lunch' : null,
    skill: state === 'acd' ? '11' : null,
    skillName: state === 'acd' ? 'Support' : null,
    skillLevel: null,
    hold: 'no',
    raw: null,
  };
}

/** A feed that is well. */
export function feedOf(nowMs: number, agents: number, more: Partial<LiveFeed> = {}): LiveFeed {
  const now = new Date(nowMs).toISOString();
  return {
    integrationId: 1,
    integrationName: 'Avaya integration',
    port: 7001,
    acd: 1,
    profile: 'rta-codes-delimited',
    profileVersion: 0,
    state: 'receiving',
    detail: null,
    unknownCause: null,
    unknownSince: null,
    peer: '10.1.2.3:40112',
    confirmedAt: now,
    lastRecordAt: now,
    periodMs: 3012,
    staleAfterMs: 12_000,
    agents,
    counters: {
      connections: 1,
      refusedConnections: 0,
      bytes: 123_456,
      lines: 4321,
      skipped: 12,
      records: 4300,
      rejected: 9,
      rejectedByReason: { fieldCount: 9 },
      unknownCodes: 2,
      snapshots: 40,
      truncatedSnapshots: 0,
      outOfScope: 0,
      events: 900,
    },
    latencyP50Ms: 40,
    latencyP99Ms: 210,
    reportedAt: now,
    clockAheadMs: 350,
    buffer: {
      waitingEvents: 0,
      oldestAt: null,
      bytes: 1_000_000,
      quotaBytes: 100_000_000,
      fullInSeconds: null,
      degraded: false,
    },
    ...more,
  };
}

/** Answers to requests by method and path: a body, or a refusal as `{ status: number, body }`. */
export type Answers = Record<string, unknown>;

/** The played site. */
export class LiveSite {
  readonly agents = new Map<string, LiveAgent>();
  feeds: LiveFeed[] = [];
  eventId = 1;
  url = '';
  /** `Last-Event-ID` of each stream, in order. */
  readonly resumed: (string | undefined)[] = [];
  #streams = new Set<ServerResponse>();
  #sockets = new Set<Socket>();
  #server = createServer((request, response) => {
    this.#answer(request, response);
  });

  constructor(readonly answers: Answers = {}) {}

  /** Listens at a free port of the loopback address. */
  async start(): Promise<void> {
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Tells all listeners of changed rows, rows that are gone, and feeds. */
  send(agents: LiveAgent[], gone: string[] = [], feeds: LiveFeed[] | null = null): void {
    for (const agent of agents) this.agents.set(agent.key, agent);
    for (const key of gone) this.agents.delete(key);
    if (feeds) this.feeds = feeds;
    this.eventId += 1;
    this.#write('delta', { ...this.#stamp(), agents, gone, feeds });
  }

  /** Ends every stream, as a Hub that restarts does. */
  drop(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  #stamp(): { eventId: number; now: string } {
    return { eventId: this.eventId, now: new Date().toISOString() };
  }

  #write(event: string, update: LiveUpdate): void {
    const text = `id: ${update.eventId}\nevent: ${event}\ndata: ${JSON.stringify(update)}\n\n`;
    for (const stream of this.#streams) stream.write(text);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/api/v1/live/agents/stream') {
      this.resumed.push(request.headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      const update = { ...this.#stamp(), agents: [...this.agents.values()], gone: [], feeds: this.feeds };
      response.write(`retry: 500\nid: ${this.eventId}\nevent: snapshot\ndata: ${JSON.stringify(update)}\n\n`);
      this.#streams.add(response);
      response.on('close', () => this.#streams.delete(response));
      return;
    }
    if (pathname.startsWith('/api/')) {
      const key = `${request.method ?? 'GET'} ${pathname.replace('/api/v1', '')}`;
      const answer = key === 'GET /session' ? SESSION : this.answers[key];
      const found = answer as { status?: unknown; body?: unknown } | undefined;
      const refusal = typeof found?.status === 'number' ? found.status : null;
      const status = refusal ?? (answer === undefined ? 404 : 200);
      const body = refusal !== null ? found?.body : (answer ?? { code: 'not-found', title: 'not found' });
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    const file = extname(pathname) === '' ? 'index.html' : pathname;
    try {
      const content = readFileSync(join(DIST, file));
      response.writeHead(200, {
        'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
        'Content-Security-Policy':
          "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'",
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  }
}

const SESSION = {
  user: { email: 'someone@example.com', role: 'owner' },
  account: { id: 1, name: 'Example' },
  capabilities: {
    viewIntegrations: true,
    manageIntegrations: true,
    viewQueues: true,
    viewAgents: true,
  },
};
