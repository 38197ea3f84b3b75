/** Instants of the API: RFC 3339 text in, Unix seconds out. */

/** Unix seconds of an RFC 3339 instant. `null` for nothing and for text that is no instant. */
export function instantSeconds(text: string | null | undefined): number | null {
  if (!text) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms / 1000;
}
