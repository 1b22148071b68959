// How the page is built and tested. WebKitGTK 2.40 is the oldest engine that Tauri's shell meets.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  // What is said lies beside the page, for the programs in Rust too.
  server: { fs: { allow: [".", "../locales"] } },
  build: {
    target: "safari16.4",
    // The page's policy allows files of its own only: no inlined font, image or script.
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: true,
  },
  test: {
    environment: "node",
    // Its colours are looked at.
    css: true,
    include: ["src/**/*.test.ts"],
  },
});
