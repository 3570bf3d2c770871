import { defineConfig } from "vitest/config";

// A machine and a boot for each file: its parts run in the order it lists them, and the first failure ends the run.
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["lab/lab.test.ts", "lab/units.test.ts", "lab/containers.test.ts"],
    fileParallelism: false,
    bail: 1,
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
  },
});
