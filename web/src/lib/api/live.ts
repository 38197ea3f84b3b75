/**
 * Hints that an integration has changed, over server-sent events.
 *
 * An event says which integration to fetch again, nothing more, so a lost one costs freshness and not truth. Hints for
 * one integration that come while it is being fetched are joined into one more fetch. After each reconnection the
 * caller is told to fetch everything, because hints may have been missed. The browser reconnects by itself, except
 * after an answer that is no stream: then this module waits and opens a new one.
 */

const REOPEN_AFTER_MS = 5_000;

/** What the listener is told. */
export interface LiveListener {
  /** Fetch this integration again. */
  changed(id: string): Promise<void>;
  /** Fetch all again: hints may have been missed. */
  reconnected(): void;
}

/** Listens until the returned function is called. */
export function listenToIntegrations(listener: LiveListener): () => void {
  const busy = new Map<string, boolean>();
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let opened = false;
  let ended = false;

  async function handle(id: string): Promise<void> {
    if (busy.has(id)) {
      busy.set(id, true);
      return;
    }
    do {
      busy.set(id, false);
      try {
        await listener.changed(id);
      } catch {
        // The page shows what it has; the next hint or reconnection fetches again.
      }
    } while (!ended && busy.get(id) === true);
    busy.delete(id);
  }

  function open(): void {
    source = new EventSource('/api/v1/integrations/stream');
    source.addEventListener('open', () => {
      if (opened) listener.reconnected();
      opened = true;
    });
    source.addEventListener('integration', (event: MessageEvent<string>) => {
      const id = idOf(event.data);
      if (id !== null) void handle(id);
    });
    source.addEventListener('error', () => {
      if (ended || source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, REOPEN_AFTER_MS);
    });
  }

  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    source?.close();
  };
}

/** The id in an event's data, `{"id": ...}`; `null` for anything else. */
export function idOf(data: string): string | null {
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== 'object' || parsed === null || !('id' in parsed)) return null;
    const { id } = parsed;
    return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
  } catch {
    return null;
  }
}
