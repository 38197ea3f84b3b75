/**
 * The stream of what agents do now, over server-sent events.
 *
 * The browser reconnects by itself and names the last event it saw. After an answer that is no stream, and when not
 * even a sign of life came for a while, a new stream is opened; it begins with a snapshot. Changes are taken at once
 * and told once per frame, however many there were.
 */
import type { LiveUpdate } from '../api/board';
import { Board, isUpdate } from './board';

/** The Hub sends a sign of life at least every 10 seconds. */
export const SILENCE_MS = 25_000;
const REOPEN_AFTER_MS = 3_000;
const LOOK_EVERY_MS = 1_000;

/** What the stream says to whoever shows it. */
export interface BoardListener {
  /** The board changed; at most once per frame. */
  changed(): void;
  /** Whether the Hub is heard, and when it was heard last (Unix milliseconds here). */
  connection(heard: boolean, lastMs: number): void;
  /** The Hub answered with something that is no stream: whether the session ended, or what else is wrong. */
  refused(): void;
}

/** Follows the stream until the returned function is called. */
export function followBoard(board: Board, listener: BoardListener): () => void {
  let source: EventSource | null = null;
  let reopen: ReturnType<typeof setTimeout> | undefined;
  let frame: number | null = null;
  let heardMs = Date.now();
  let openedMs = heardMs;
  let heard = true;
  let ended = false;

  function tell(): void {
    frame ??= requestAnimationFrame(() => {
      frame = null;
      if (!ended) listener.changed();
    });
  }

  function alive(): void {
    heardMs = Date.now();
    if (!heard) listener.connection(true, heardMs);
    heard = true;
  }

  function silent(): void {
    if (!heard) return;
    heard = false;
    listener.connection(false, heardMs);
  }

  function take(data: string, whole: boolean): void {
    const update = updateOf(data);
    if (update === null) {
      // A part that cannot be read may be a status that is missing from now on: begin anew with a snapshot.
      restart();
      return;
    }
    alive();
    if (whole) board.snapshot(update, Date.now());
    else if (!board.delta(update, Date.now())) return;
    tell();
  }

  function restart(): void {
    source?.close();
    clearTimeout(reopen);
    openedMs = Date.now();
    if (!ended) reopen = setTimeout(open, REOPEN_AFTER_MS);
  }

  function open(): void {
    const mine = new EventSource('/api/v1/live/agents/stream');
    source = mine;
    openedMs = Date.now();
    mine.addEventListener('snapshot', (event: MessageEvent<string>) => {
      take(event.data, true);
    });
    mine.addEventListener('delta', (event: MessageEvent<string>) => {
      take(event.data, false);
    });
    mine.addEventListener('keepalive', alive);
    mine.addEventListener('error', () => {
      if (ended) return;
      silentSoon();
      if (mine.readyState !== EventSource.CLOSED) return;
      listener.refused();
      restart();
    });
  }

  /** A stream that ends in its time is opened again at once; only what lasts is a lost connection. */
  function silentSoon(): void {
    const since = heardMs;
    setTimeout(() => {
      if (!ended && heardMs === since && source?.readyState !== EventSource.OPEN) silent();
    }, REOPEN_AFTER_MS + 2_000);
  }

  const look = setInterval(() => {
    const nowMs = Date.now();
    if (nowMs - heardMs <= SILENCE_MS) return;
    silent();
    if (nowMs - openedMs > SILENCE_MS) restart();
  }, LOOK_EVERY_MS);

  open();
  return () => {
    ended = true;
    clearInterval(look);
    clearTimeout(reopen);
    if (frame !== null) cancelAnimationFrame(frame);
    source?.close();
  };
}

/** The update in an event's data; `null` for anything else. */
export function updateOf(data: string): LiveUpdate | null {
  try {
    const parsed: unknown = JSON.parse(data);
    return isUpdate(parsed) ? parsed : null;
  } catch {
    return null;
  }
}
