/**
 * Addresses and pages: a small router over the History API.
 *
 * The address holds whatever a reader would want to send to a colleague (queue, date, step, search), so pages read
 * their state from here. After a move to another page the focus goes to its heading, as after a page load.
 */
import { tick } from 'svelte';

let pathname = $state(location.pathname);
let search = $state(location.search);

function readLocation(): void {
  pathname = location.pathname;
  search = location.search;
}

async function focusHeading(): Promise<void> {
  await tick();
  const heading = document.querySelector<HTMLElement>('h1');
  heading?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** The path in use; reactive. */
export function currentPath(): string {
  return pathname;
}

/** Path and query in use; reactive. */
export function currentAddress(): string {
  return pathname + search;
}

/** A parameter of the query, or `null`; reactive. */
export function queryParam(name: string): string | null {
  return new URLSearchParams(search).get(name);
}

/** Goes to an address of this application. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const samePage = new URL(to, location.href).pathname === pathname;
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  readLocation();
  if (!samePage) void focusHeading();
}

/** Sets parameters of the query on the same page; `null` removes one. */
export function setQuery(
  changes: Record<string, string | null>,
  options: { replace?: boolean } = { replace: false },
): void {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  navigate(text === '' ? pathname : `${pathname}?${text}`, options);
}

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const anchor = event.target instanceof Element ? event.target.closest('a') : null;
  if (!anchor || anchor.target !== '' || anchor.hasAttribute('download')) return;
  if (anchor.origin !== location.origin || anchor.pathname.startsWith('/api/')) return;
  if (anchor.hash !== '' && anchor.pathname === location.pathname) return;
  event.preventDefault();
  navigate(anchor.pathname + anchor.search);
}

/** Starts listening to links and to the browser's back and forward; returns how to stop. */
export function startRouter(): () => void {
  const onPopState = () => {
    readLocation();
  };
  document.addEventListener('click', onClick);
  addEventListener('popstate', onPopState);
  return () => {
    document.removeEventListener('click', onClick);
    removeEventListener('popstate', onPopState);
  };
}
