/**
 * What the browser remembers for this reader: language and theme. Never anything of the account.
 *
 * Failure: where storage is refused, reading gives `null` and writing does nothing.
 */

type Setting = 'locale' | 'theme';

/** The remembered value, or `null`. */
export function readSetting(name: Setting): string | null {
  try {
    return localStorage.getItem(`floorwire.${name}`);
  } catch {
    return null;
  }
}

/** Remembers a value; `null` forgets it. */
export function writeSetting(name: Setting, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`floorwire.${name}`);
    else localStorage.setItem(`floorwire.${name}`, value);
  } catch {
    // Storage is refused: the choice holds for this visit only.
  }
}
