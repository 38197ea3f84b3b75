/** The present, for texts such as "3 minutes ago". It moves every half minute, and at once when the page is shown again. */

const TICK_MS = 30_000;
let nowS = $state(Date.now() / 1000);

function advance(): void {
  nowS = Date.now() / 1000;
}

setInterval(advance, TICK_MS);
document.addEventListener('visibilitychange', advance);

/** Unix seconds, at most half a minute old; reactive. */
export function clock(): number {
  return nowS;
}
