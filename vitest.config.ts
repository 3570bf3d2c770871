import { defineConfig } from "vitest/config";

// Unit tests, beside the code. What needs root, QEMU, namespaces or Postgres is *.integration.test.ts (vitest.integration.config.ts).
export default defineConfig({
  test: {
    include: ["{apps,packages,tooling,scripts,image,chaos,fuzz}/**/*.test.{ts,tsx,mjs}"],
    exclude: ["**/node_modules/**", "**/*.integration.test.ts", "**/.next/**", "**/dist/**"],
    testTimeout: 15_000,
  },
  resolve: { alias: { "@": new URL("./apps/web/src", import.meta.url).pathname } },
});
