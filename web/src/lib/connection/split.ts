/**
 * What the Hub may see of a connection string, and what is sealed to the Link's key.
 *
 * The open part is the string with every secret value replaced by `{sealed}`. The sealed part binds all keywords but a
 * listed harmless few, so that whoever holds the Hub cannot point a sealed password at another host: the Link refuses
 * an open part that differs from it. Formats and lists are those of the crate `floorwire-connection-string`.
 */
import { asciiLowerCase, trimmed, type Segment } from './parse';

const PLACEHOLDER = '{sealed}';
const HEADER = 'floorwire-connection-1';

const SECRET_KEYWORDS: ReadonlySet<string> = new Set([
  'pwd',
  'password',
  'passwd',
  'pqopt',
  'd6',
  'trustedpwd',
  'ssl_keystore_pwd',
  'tlskeypwd',
  'sslkeypwd',
  'tlspassphrase',
]);

const SECRET_WORDS = [
  'pwd',
  'passw',
  'passphrase',
  'secret',
  'token',
  'apikey',
  'api_key',
  'credential',
  'privatekey',
] as const;

const HARMLESS: ReadonlySet<string> = new Set([
  'delimident',
  'client_locale',
  'db_locale',
  'fetch',
  'usedeclarefetch',
  'stepapi',
  'timeout',
  'fet_buf_size',
]);

/** Whether a keyword's value must never be shown or sent open. */
export function isSecretKeyword(keyword: string): boolean {
  const name = asciiLowerCase(trimmed(keyword));
  return SECRET_KEYWORDS.has(name) || SECRET_WORDS.some((word) => name.includes(word));
}

function isHarmless(keyword: string, value: string): boolean {
  // Logs are harmless only while they are off.
  return keyword === 'commlog' || keyword === 'debug' ? value === '0' : HARMLESS.has(keyword);
}

/** The two parts of a string. `toSeal` holds secrets: encrypt it, never show it. */
export interface SealingParts {
  open: string;
  toSeal: string;
}

/** Splits a parsed string for sealing. */
export function splitForSealing(segments: readonly Segment[]): SealingParts {
  const open = segments
    .map(({ raw, pair }) => (pair && isSecretKeyword(pair.keyword) ? `${pair.keyword}=${PLACEHOLDER}` : raw))
    .join(';');
  const bound = segments
    .flatMap(({ pair }) => (pair ? [{ keyword: asciiLowerCase(pair.keyword), value: pair.value }] : []))
    .filter(({ keyword, value }) => !isHarmless(keyword, value))
    .sort((left, right) => compareByCodePoints(left.keyword, right.keyword))
    .map(({ keyword, value }) => `${keyword}=${value}`);
  return { open, toSeal: [HEADER, ...bound].join('\n') };
}

/** The order of UTF-8 bytes, which is that of code points and not JavaScript's own. */
function compareByCodePoints(left: string, right: string): number {
  const lefts = [...left];
  const rights = [...right];
  for (const [index, character] of lefts.entries()) {
    const difference = (character.codePointAt(0) ?? 0) - (rights[index]?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference;
  }
  return lefts.length - rights.length;
}
