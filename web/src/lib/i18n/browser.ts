/**
 * What a browser says of itself, in short. These texts are historical and say much that is not so, hence the order: each of
 * the later browsers also names the ones it wants to pass for.
 */
import { m } from '../paraglide/messages.js';

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrom(?:e|ium)\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux/, 'Linux'],
];

function first(table: readonly (readonly [RegExp, string])[], text: string): string | null {
  return table.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** `Firefox, Windows`; for a program that is no browser the name it gives itself. */
export function browserName(text: string): string {
  const known = [first(BROWSERS, text), first(SYSTEMS, text)].filter((part) => part !== null);
  if (known.length > 0) return known.join(', ');
  const program = text.split(/[\s/]/)[0];
  return program ? program : m.unknown_browser();
}
