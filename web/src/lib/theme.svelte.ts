/** Light or dark: as the system says, unless the reader chose. The choice is a `data-theme` on the root element. */
import { readSetting, writeSetting } from './settings';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

function isTheme(value: string | null): value is Theme {
  return THEMES.some((theme) => theme === value);
}

const stored = readSetting('theme');
const initial = isTheme(stored) ? stored : 'system';
let current = $state<Theme>(initial);
apply(initial);

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** The reader's choice; reactive. */
export function theme(): Theme {
  return current;
}

/** Changes and remembers the choice. */
export function chooseTheme(next: Theme): void {
  current = next;
  apply(next);
  writeSetting('theme', next === 'system' ? null : next);
}

/** Calls back when the colours may have changed; returns how to stop. For canvases, which do not restyle themselves. */
export function onColoursChange(callback: () => void): () => void {
  const media = matchMedia('(prefers-color-scheme: dark)');
  const observer = new MutationObserver(callback);
  media.addEventListener('change', callback);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    media.removeEventListener('change', callback);
    observer.disconnect();
  };
}
