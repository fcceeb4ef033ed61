import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { firstLoadLimit } from "./build/firstLoad.ts";

/** The most that a first visit to any page may load of compressed script. */
const FIRST_LOAD_BYTES = 250 * 1024;

// The api listener serves the built files and the REST API on one origin; in development Vite forwards the API to it.
export default defineConfig({
  plugins: [react(), tailwindcss(), firstLoadLimit(FIRST_LOAD_BYTES)],
  server: { proxy: { "/v1": "http://127.0.0.1:8585" } },
  build: {
    target: "es2022",
    // Nothing may be inlined: the server's content security policy allows files of the same origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { include: ["src/**/*.test.{ts,tsx}", "build/**/*.test.ts"], environment: "node" },
});
