/**
 * ODBC connection strings, read as the Hub and the Link read them.
 *
 * Format: `keyword=value` pairs between semicolons. A value that starts with `{` runs to the closing `}` and may hold
 * semicolons; `}}` in it means one `}`. Blanks around keywords and bare values do not count. Keywords compare without
 * case (ASCII). Each piece is kept as it was typed.
 * Constraint: `tests/vectors.json` of the crate `floorwire-connection-string` holds for this code too; where the two
 * disagree, the Link refuses the string.
 * Failure: a `ConnectionStringError` names the reason and the position, never a value, which may be a password.
 */

/** Longest text, in bytes of UTF-8. ODBC counts the length in 16 bits. */
const MAX_BYTES = 16_384;

/** Why a text is no connection string. */
export type ParseFault =
  | 'empty'
  | 'too_long'
  | 'no_equals_sign'
  | 'no_keyword'
  | 'strange_keyword'
  | 'unclosed_brace'
  | 'text_after_brace'
  | 'repeated'
  | 'control_character';

export class ConnectionStringError extends Error {
  override readonly name = 'ConnectionStringError';

  constructor(
    readonly fault: ParseFault,
    /** Position among the pieces between semicolons, from 1; 0 where it is about the whole. */
    readonly part = 0,
  ) {
    super(fault);
  }
}

/** A keyword and its value without braces. */
export interface Pair {
  keyword: string;
  value: string;
}

/** A piece between semicolons as typed; `pair` is `null` for a blank one. */
export interface Segment {
  raw: string;
  pair: Pair | null;
}

/** Lower case of ASCII letters only, as keywords are compared. */
export function asciiLowerCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Without blanks at both ends, by Unicode's own list of blanks. */
export function trimmed(text: string): string {
  return text.replaceAll(/^\p{White_Space}+|\p{White_Space}+$/gu, '');
}

/** The pieces of a connection string. */
export function parseConnectionString(text: string): Segment[] {
  if (new TextEncoder().encode(text).length > MAX_BYTES) throw new ConnectionStringError('too_long');
  if (/\p{Cc}/u.test(text)) throw new ConnectionStringError('control_character');
  const segments: Segment[] = [];
  const keywords = new Set<string>();
  let rest: string | null = text;
  while (rest !== null) {
    const part = segments.length + 1;
    const { segment, tail }: { segment: Segment; tail: string | null } = nextSegment(rest, part);
    if (segment.pair) {
      const keyword = asciiLowerCase(segment.pair.keyword);
      if (keywords.has(keyword)) throw new ConnectionStringError('repeated', part);
      keywords.add(keyword);
    }
    segments.push(segment);
    rest = tail;
  }
  if (keywords.size === 0) throw new ConnectionStringError('empty');
  return segments;
}

function nextSegment(text: string, part: number): { segment: Segment; tail: string | null } {
  const end = text.search(/[=;]/);
  if (end < 0 || text[end] === ';') {
    const raw = end < 0 ? text : text.slice(0, end);
    if (trimmed(raw) !== '') throw new ConnectionStringError('no_equals_sign', part);
    return { segment: { raw, pair: null }, tail: end < 0 ? null : text.slice(end + 1) };
  }
  const keyword = trimmed(text.slice(0, end));
  if (keyword === '') throw new ConnectionStringError('no_keyword', part);
  if (/[{}"'[\]\\]/.test(keyword)) throw new ConnectionStringError('strange_keyword', part);
  const { value, length } = readValue(text.slice(end + 1), part);
  const rawLength = end + 1 + length;
  const tail = text.length > rawLength ? text.slice(rawLength + 1) : null;
  return { segment: { raw: text.slice(0, rawLength), pair: { keyword, value } }, tail };
}

/** The value at the start of a text, and how long it is as typed, up to its semicolon. */
function readValue(text: string, part: number): { value: string; length: number } {
  const lead = text.length - text.replace(/^\p{White_Space}+/u, '').length;
  if (text[lead] !== '{') {
    const semicolon = text.indexOf(';');
    const length = semicolon < 0 ? text.length : semicolon;
    return { value: trimmed(text.slice(0, length)), length };
  }
  const { value, end } = readBraces(text, lead, part);
  const semicolon = text.indexOf(';', end);
  const length = semicolon < 0 ? text.length : semicolon;
  if (trimmed(text.slice(end, length)) !== '') throw new ConnectionStringError('text_after_brace', part);
  return { value, length };
}

function readBraces(text: string, start: number, part: number): { value: string; end: number } {
  let value = '';
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== '}') value += text[at] ?? '';
    else if (text[at + 1] === '}') {
      value += '}';
      at += 1;
    } else return { value, end: at + 1 };
  }
  throw new ConnectionStringError('unclosed_brace', part);
}
