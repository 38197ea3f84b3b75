/**
 * The language of the page.
 *
 * Taken from the reader's earlier choice, else from the browser's list, else English. Messages read the locale
 * through a reactive value, so a change redraws every text in place: nothing typed is lost and nothing reloads.
 * Failure: without storage (private windows may refuse it) the choice lasts until the page is left.
 */
import { baseLocale, isLocale, locales, overwriteGetLocale, type Locale } from '../paraglide/runtime.js';
import { readSetting, writeSetting } from '../settings';

export type { Locale };
export { locales };

/** How each language calls itself; not translated on purpose. */
export const LOCALE_NAMES: Readonly<Record<Locale, string>> = {
  en: 'English',
  fr: 'Français',
  de: 'Deutsch',
};

/** The first supported language of a list such as `navigator.languages`. */
export function preferredLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    const primary = language.toLowerCase().split('-')[0];
    if (isLocale(primary)) return primary;
  }
  return baseLocale;
}

function initialLocale(): Locale {
  const stored = readSetting('locale');
  return isLocale(stored) ? stored : preferredLocale(navigator.languages);
}

const initial = initialLocale();
let current = $state<Locale>(initial);
overwriteGetLocale(() => current);
document.documentElement.lang = initial;

/** The language in use; reactive. */
export function locale(): Locale {
  return current;
}

/** Changes the language of the page and remembers it. */
export function chooseLocale(next: Locale): void {
  current = next;
  document.documentElement.lang = next;
  writeSetting('locale', next);
}
