/**
 * What can go wrong with a request, as the pages see it.
 *
 * The Hub answers with RFC 9457 problems. Whatever else comes back (no network, a proxy's page, a body that is no
 * problem) becomes one with a code of its own, so that every error state has a title and a remedy.
 */

/** One thing that is wrong with a text that was sent. */
export interface Fault {
  /** From 1; `null` where it is not known. */
  line: number | null;
  /** Such as `columns.state`; empty where there is none. */
  key: string;
  message: string;
}

/** A failed request. `code` is what pages translate by; the other texts are the Hub's, in English. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string | null = null,
    readonly remedy: string | null = null,
    /** Seconds to wait before another attempt, when the Hub named them. */
    readonly retryAfterS: number | null = null,
    /** Everything that is wrong with a text that was sent. */
    readonly faults: readonly Fault[] = [],
  ) {
    super(title);
  }
}

function textOf(body: Record<string, unknown>, key: string): string | null {
  const value = body[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

function faultsOf(body: Record<string, unknown>): Fault[] {
  const faults: unknown = body['faults'];
  if (!Array.isArray(faults)) return [];
  return faults.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    const fields = item as Record<string, unknown>;
    const message = textOf(fields, 'message');
    if (message === null) return [];
    const line = typeof fields['line'] === 'number' ? fields['line'] : null;
    return [{ line, key: textOf(fields, 'key') ?? '', message }];
  });
}

/** The problem that an answer carries. */
export function problemOf(response: Response, body: unknown): ApiProblem {
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const retryAfterS = Number.isFinite(retryAfter) ? retryAfter : null;
  if (typeof body === 'object' && body !== null) {
    const fields = body as Record<string, unknown>;
    const code = textOf(fields, 'code') ?? textOf(fields, 'type')?.split('/').pop();
    const title = textOf(fields, 'title');
    if (code && title) {
      const detail = textOf(fields, 'detail');
      const remedy = textOf(fields, 'remedy');
      return new ApiProblem(response.status, code, title, detail, remedy, retryAfterS, faultsOf(fields));
    }
  }
  return new ApiProblem(
    response.status,
    'unexpected-answer',
    `HTTP ${response.status}`,
    null,
    null,
    retryAfterS,
  );
}

/** Any thrown value as a problem. A cancelled request is the caller's business and stays as it is. */
export function asProblem(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  return new ApiProblem(0, 'unreachable', 'unreachable', thrown instanceof Error ? thrown.message : null);
}

/** Whether the request was given up by the page itself. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}
