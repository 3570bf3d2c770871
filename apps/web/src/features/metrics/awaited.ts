import type { MetricsView } from "@indium/contract/api/metric-views";

/** What an empty chart says: what is awaited, and when. */
export interface MetricsCircumstances {
  readonly kind: "host" | "instance";
  readonly name: string;
  readonly hostName: string | null;
  /** The host's link is up. */
  readonly hostOnline: boolean;
  /** Instances: it runs (or is paused). */
  readonly running: boolean;
  /** Instances: since when, ms. */
  readonly startedAt: number | null;
  readonly agentVersion: string | null;
  readonly nowMs: number;
}

/** A slot ends, travels, and is written. */
export const FIRST_SAMPLE_MS = 45_000;

export function awaited(
  view: Pick<MetricsView, "newestAt" | "hostNewestAt">,
  about: MetricsCircumstances,
): { title: string; description: string } {
  const { kind, name, hostName, hostOnline, running, startedAt, agentVersion, nowMs } = about;
  const host = kind === "host" ? name : (hostName ?? "its host");
  if (kind === "instance" && hostName === null)
    return { title: "Not placed yet", description: "Measuring begins when the instance runs on a host." };
  if (!hostOnline)
    return {
      title: `${host} cannot be reached`,
      description: "It keeps measuring. The last 15 minutes follow when it is back; what is older than that stays a gap.",
    };
  if (view.hostNewestAt === null)
    return {
      title: "Waiting for the first sample",
      description: `${host} measures every 15 seconds; the first sample is here within a minute of its agent's start.${
        agentVersion === null
          ? ""
          : ` If nothing comes, its agent (${agentVersion}) is older than this: run the install command there again.`
      }`,
    };
  if (kind === "instance" && !running)
    return { title: `${name} does not run`, description: "Nothing is measured while it is off. Lines begin within a minute of its start." };
  if (kind === "instance" && view.newestAt === null) {
    const due = startedAt === null ? null : startedAt + FIRST_SAMPLE_MS;
    const leftS = due === null ? 0 : Math.ceil((due - nowMs) / 1_000);
    return {
      title: "Waiting for the first sample",
      description:
        leftS > 0
          ? `${name} has just started. Its first sample is here in about ${leftS} s.`
          : `${host} measures every 15 seconds; ${name} is in its next sample.`,
    };
  }
  return { title: "Nothing was measured in this time", description: "Choose another range." };
}
