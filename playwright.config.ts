import { defineConfig } from "@playwright/test";

// Started by e2e/run.ts, which brings up a whole installation first. One worker: the journeys share it and its one host.
export default defineConfig({
  testDir: "e2e",
  testMatch: "*.e2e.ts",
  outputDir: "test-results/e2e",
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // What passes only then is named at the end of `npm test`, to be mended.
  retries: process.env.CI ? 1 : 0,
  timeout: 180_000,
  expect: {
    timeout: 20_000,
    // Runs and builds differ by nothing, and smoothed edges are not counted: a dot of another colour (36 pixels) or square corners are seen.
    toHaveScreenshot: { animations: "disabled", threshold: 0.1, maxDiffPixels: 30 },
  },
  snapshotPathTemplate: "e2e/gallery/{arg}{ext}",
  // A missing picture fails; `npm run gallery:accept` makes it.
  updateSnapshots: "none",
  reporter: [["list"], ["json"]],
  use: {
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    baseURL: process.env.E2E_BASE_URL,
    viewport: { width: 1280, height: 860 },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        // Pictures are compared: letters are not to depend on the machine's settings.
        "--font-render-hinting=none",
        "--disable-lcd-text",
        "--force-color-profile=srgb",
      ],
    },
  },
});
