import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "@playwright/test";

/** By the names of Web Vitals (web.dev/articles/vitals), each as its specification has it. */
export interface Vitals {
  /** First Contentful Paint. */
  readonly firstPaintMs: number;
  /** Largest Contentful Paint. */
  readonly largestPaintMs: number;
  /** Cumulative Layout Shift: the worst session window. */
  readonly layoutShift: number;
  /** Total Blocking Time: what each task took beyond 50 ms, from the first paint until the page is quiet. */
  readonly blockingMs: number;
  /** Of the document and all it loads, as they travelled; the live stream apart. */
  readonly transferredBytes: number;
}

/** Opens the page, which has nothing in its cache, and watches it for three seconds after its load event. */
export async function pageVitals(page: Page, path: string): Promise<Vitals> {
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  let transferredBytes = 0;
  network.on("Network.loadingFinished", ({ encodedDataLength }) => {
    transferredBytes += encodedDataLength;
  });
  // The loader's helper for functions' names, which the page does not have.
  await page.addInitScript("globalThis.__name = (named) => named");
  await page.addInitScript(() => {
    const seen = { paint: 0, largest: 0, shift: 0, tasks: [] as [start: number, took: number][] };
    (window as unknown as { seen: typeof seen }).seen = seen;
    const watch = (type: string, each: (entry: PerformanceEntry) => void) =>
      new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
    watch("paint", (entry) => {
      if (entry.name === "first-contentful-paint") seen.paint = entry.startTime;
    });
    watch("largest-contentful-paint", (entry) => {
      seen.largest = entry.startTime;
    });
    watch("longtask", (entry) => {
      seen.tasks.push([entry.startTime, entry.duration]);
    });
    let open = { begun: 0, last: 0, sum: 0 };
    watch("layout-shift", (entry) => {
      const { value, hadRecentInput } = entry as unknown as { value: number; hadRecentInput: boolean };
      if (hadRecentInput) return;
      const { startTime: at } = entry;
      if (at - open.last > 1_000 || at - open.begun > 5_000) open = { begun: at, last: at, sum: 0 };
      open = { ...open, last: at, sum: open.sum + value };
      seen.shift = Math.max(seen.shift, open.sum);
    });
  });
  await page.goto(path, { waitUntil: "load" });
  await sleep(3_000);
  const seen = await page.evaluate(
    () => (window as unknown as { seen: { paint: number; largest: number; shift: number; tasks: [number, number][] } }).seen,
  );
  return {
    firstPaintMs: seen.paint,
    largestPaintMs: seen.largest,
    layoutShift: seen.shift,
    blockingMs: seen.tasks.filter(([start]) => start >= seen.paint).reduce((sum, [, took]) => sum + Math.max(0, took - 50), 0),
    transferredBytes,
  };
}
