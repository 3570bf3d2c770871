import type { ReportBody, ReportItem } from "@indium/contract/report";

/** What a later report of the same key makes worthless; null for events, each of which stands for itself. */
export function reportKey(body: ReportBody): string | null {
  switch (body.kind) {
    case "instance.observed":
      return `${body.kind} ${body.instanceId}`;
    case "instance.step":
      return `${body.kind} ${body.instanceId} ${body.boot} ${body.step}`;
    case "image.observed":
      return `${body.kind} ${body.imageId}`;
    case "network.observed":
      return `${body.kind} ${body.networkId}`;
    case "host.unclaimed":
    case "host.facts":
    case "document.accepted":
    case "overlay.candidates":
      return body.kind;
    case "host.event":
      return null;
  }
}

/** What goes first when even the newest of each key are too many: what was said of the past before what is so now. */
const WORTH: Record<ReportBody["kind"], number> = {
  "host.event": 0,
  "instance.step": 1,
  "image.observed": 2,
  "network.observed": 2,
  "host.unclaimed": 3,
  "host.facts": 3,
  "overlay.candidates": 3,
  "instance.observed": 4,
  "document.accepted": 4,
};

/** At most `bound` items of at most `boundBytes` of JSON, in order: first the newest of each key, then the worthiest, of equals the newest. */
export function coalesceReports(items: readonly ReportItem[], bound: number, boundBytes = Number.POSITIVE_INFINITY): ReportItem[] {
  const newest = new Map<string, number>();
  for (const item of items) {
    const key = reportKey(item.body);
    if (key !== null) newest.set(key, item.seq);
  }
  const kept = items.filter((item) => {
    const key = reportKey(item.body);
    return key === null || newest.get(key) === item.seq;
  });
  let bytes = 0;
  return kept
    .toSorted((left, right) => WORTH[right.body.kind] - WORTH[left.body.kind] || right.seq - left.seq)
    .slice(0, bound)
    .filter((item) => {
      bytes += JSON.stringify(item).length;
      return bytes <= boundBytes;
    })
    .sort((left, right) => left.seq - right.seq);
}
