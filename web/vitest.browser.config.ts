import { defineConfig } from 'vitest/config';

/** Browser tests: Chromium against a running Hub, one file after the other because they share its state. */
export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
