// Fails when Paraglide compiled fewer messages than the English file holds: with a plugin that it cannot
// load, the compiler writes an empty module and still ends with success.
import { readFileSync } from 'node:fs';

const source = JSON.parse(readFileSync(new URL('../messages/en.json', import.meta.url), 'utf8'));
const expected = Object.keys(source).filter((key) => key !== '$schema');
const compiled = readFileSync(new URL('../src/lib/paraglide/messages/_index.js', import.meta.url), 'utf8');
const missing = expected.filter((key) => !compiled.includes(`'./${key.toLowerCase()}.js'`));
if (missing.length > 0) {
  console.error(`messages not compiled: ${missing.slice(0, 5).join(', ')} (${missing.length} in all)`);
  process.exit(1);
}
