import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// Purpose: builds the static application into `dist`, which the Hub embeds and serves at `/`.
// Constraint: the Hub sends a strict Content-Security-Policy, so nothing may be inlined into the page:
// no inline module preload helper and no data: URLs in place of small files.
// Development: `npm run dev` forwards the API to the Hub named by FLOORWIRE_HUB.
export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: { '/api': process.env['FLOORWIRE_HUB'] ?? 'http://127.0.0.1:8080' },
  },
});
