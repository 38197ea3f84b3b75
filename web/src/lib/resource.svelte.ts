/**
 * Data of a page that is fetched and refetched.
 *
 * Rules: a newer request cancels the older one; while refetching under the same key the old data stays, so that
 * nothing jumps; under another key it stays too, marked `stale`, until the new data or a problem arrives.
 */
import { asProblem, isAbort, type ApiProblem } from './api/problem';

/** What a page shows of a request. */
export interface Resource<T> {
  /** The last data that arrived. */
  readonly data: T | null;
  /** The last failure, when it is newer than the data. */
  readonly problem: ApiProblem | null;
  readonly loading: boolean;
  /** Whether `data` belongs to an earlier key. */
  readonly stale: boolean;
  /** Fetches again under the same key. */
  refresh(): Promise<void>;
  /**
   * Fetches again because something may have changed. Hints that come while one is being followed are joined into one
   * more fetch after a pause, so that many of them neither starve each other nor burden the Hub.
   */
  hint(): Promise<void>;
  /** Puts in data that is known to be newer, such as the answer to a change. */
  put(data: T): void;
}

const PAUSE_BETWEEN_HINTS_MS = 3_000;

/**
 * Fetches whenever the key changes (a key of `null` fetches nothing). To be called while a component is set up: it
 * ends with the component.
 */
export function useResource<K extends string | number | null, T>(
  key: () => K,
  load: (key: NonNullable<K>, signal: AbortSignal) => Promise<T>,
): Resource<T> {
  let data = $state.raw<T | null>(null);
  let dataKey = $state.raw<K | null>(null);
  let problem = $state.raw<ApiProblem | null>(null);
  let loading = $state(false);
  let controller: AbortController | null = null;
  let following = false;
  let hinted = false;
  let ended = false;

  async function fetchNow(wanted: K): Promise<void> {
    controller?.abort();
    if (wanted === null) return;
    const mine = new AbortController();
    controller = mine;
    loading = true;
    try {
      const loaded = await load(wanted as NonNullable<K>, mine.signal);
      if (mine.signal.aborted) return;
      data = loaded;
      dataKey = wanted;
      problem = null;
    } catch (thrown) {
      if (mine.signal.aborted || isAbort(thrown)) return;
      problem = asProblem(thrown);
      if (dataKey !== wanted) data = null;
    } finally {
      if (controller === mine) loading = false;
    }
  }

  async function followHint(): Promise<void> {
    hinted = true;
    if (following) return;
    following = true;
    while (hinted && !ended) {
      hinted = false;
      await fetchNow(key());
      await new Promise((resolve) => setTimeout(resolve, PAUSE_BETWEEN_HINTS_MS));
    }
    following = false;
  }

  $effect(() => () => {
    ended = true;
  });

  $effect(() => {
    const wanted = key();
    void fetchNow(wanted);
    return () => controller?.abort();
  });

  return {
    get data() {
      return data;
    },
    get problem() {
      return problem;
    },
    get loading() {
      return loading;
    },
    get stale() {
      return data !== null && dataKey !== key();
    },
    refresh: () => fetchNow(key()),
    hint: followHint,
    put(newer: T) {
      data = newer;
      problem = null;
    },
  };
}
