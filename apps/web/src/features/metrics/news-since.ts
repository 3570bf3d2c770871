import type { MetricsView } from "@indium/contract/api/metric-views";
import { METRIC_STEP_MS } from "@indium/contract/plain/metrics";
import { startOf } from "@indium/domain/metric-series";

/** A host that was away tells what it kept along with the newest, a few slots at a time. */
const LATE_SLOTS = 4;
/** Steps up to this are drawn anew while they are under way. */
const SHORT_STEP_MS = 60_000;

/**
 * From when on a chart that is shown asks again, after it was told that the slot beginning at `at` is kept; null when nothing of it would
 * change: a point that stands for hours does not move every 15 seconds.
 */
export function newsSince(shown: MetricsView, at: number): number | null {
  const { stepMs, newestAt } = shown;
  if (newestAt !== null && stepMs > SHORT_STEP_MS && startOf(at, stepMs) <= startOf(newestAt - METRIC_STEP_MS, stepMs)) return null;
  const known = newestAt === null ? at : Math.min(newestAt, at);
  return Math.max(shown.from, startOf(known - LATE_SLOTS * METRIC_STEP_MS, stepMs));
}
