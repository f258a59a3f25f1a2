/* Build of the web UI.
 *
 * `npm run build` writes web/dist, which Meson embeds into the binary. The development server and the
 * preview answer /api from a small in-memory shop (web/dev), or pass it on to a running Kith when
 * KITH_API names one: KITH_API=http://127.0.0.1:8420 npm run dev. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { mockShop } from './dev/server.ts';

const target = process.env.KITH_API;
const folder = (name: string) => fileURLToPath(new URL(`./src/${name}`, import.meta.url));

export default defineConfig({
  plugins: [react(), ...(target ? [] : [mockShop()])],
  resolve: {
    alias: {
      '@app': folder('app'),
      '@ui': folder('ui'),
      '@lib': folder('lib'),
      '@features': folder('features'),
      '@generated': folder('generated'),
    },
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
  },
  server: target ? { proxy: { '/api': { target, changeOrigin: true } } } : {},
});
