import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['dist/', 'src/lib/paraglide/', 'src/lib/api/schema.gen.ts', 'test-results/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  { files: ['scripts/**', 'tests/**', '*.config.*'], languageOptions: { globals: { ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      // `{@html}` would bypass the escaping that protects pages from texts of the CMS.
      'svelte/no-at-html-tags': 'error',
      // Maps, sets and addresses here are values made and dropped within one computation, never kept as state.
      'svelte/prefer-svelte-reactivity': 'off',
      // The rule is about SvelteKit's router; this application has its own.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  { files: ['scripts/**'], rules: { 'no-console': 'off' } },
);
