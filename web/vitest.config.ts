import { defineConfig } from 'vitest/config';

/** Unit tests: pure modules only, no browser and no network. */
export default defineConfig({
  test: { include: ['tests/unit/**/*.test.ts'], environment: 'node' },
});
