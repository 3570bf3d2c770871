import { defineConfig } from "vitest/config";

// Real Postgres, namespaces and QEMU: one file at a time, so that a two-core machine measures nothing but the code.
export default defineConfig({
  test: {
    include: ["{apps,packages,tooling,scripts,image,chaos}/**/*.integration.test.ts"],
    exclude: ["**/node_modules/**", "**/.next/**", "**/dist/**"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
  resolve: { alias: { "@": new URL("./apps/web/src", import.meta.url).pathname } },
});
