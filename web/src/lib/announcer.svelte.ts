/** Short messages after an action, shown at the foot of the page and read out by screen readers. */

const SHOWN_MS = 6_000;
let message = $state('');
let timer: ReturnType<typeof setTimeout> | undefined;

/** The message on show, or an empty text; reactive. */
export function announcement(): string {
  return message;
}

/** Shows a message for some seconds. */
export function announce(text: string): void {
  message = text;
  clearTimeout(timer);
  timer = setTimeout(() => (message = ''), SHOWN_MS);
}
