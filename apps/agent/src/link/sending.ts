import { AppError, WireError } from "@indium/contract/errors";
import type { HostUsage } from "@indium/contract/host";
import type { MetricSample } from "@indium/contract/metrics";
import type { ReportAck, ReportBatch } from "@indium/contract/report";
import type { SigningLink } from "./connection";

const REPORT_TIMEOUT_MS = 60_000;
const USAGE_TIMEOUT_MS = 15_000;

/**
 * Resolves once the centre has committed the batch, by its own signature. One at a time.
 * @throws AppError `host_timeout` when no ack came (send it again), `signature_invalid` or `forbidden` for an ack that is not the centre's for
 *   this batch (nothing is forgotten), or the centre's refusal.
 */
export async function sendBatch({ socket, signer }: SigningLink, batch: ReportBatch): Promise<ReportAck> {
  let answer: unknown;
  try {
    answer = await socket.timeout(REPORT_TIMEOUT_MS).emitWithAck("report", signer.reports(batch));
  } catch (cause) {
    throw new AppError("host_timeout", "The relay did not acknowledge the reports; they will be sent again.", { cause });
  }
  const result = typeof answer === "object" && answer !== null ? (answer as { ok?: unknown; ack?: unknown; error?: unknown }) : {};
  if (result.ok === true) return signer.openAck(result.ack, batch.ledgerId);
  const refusal = WireError.safeParse(result.error);
  throw refusal.success ? AppError.fromWire(refusal.data) : new AppError("internal", "The relay's answer to the reports is malformed.");
}

/** Volatile. `taken` is called when the relay says that the centre took it; a lie costs samples, which a relay could drop as well. */
export function sendUsage({ socket, signer }: SigningLink, usage: HostUsage, metrics: readonly MetricSample[], taken: () => void): void {
  socket.timeout(USAGE_TIMEOUT_MS).volatile.emit("usage", signer.usage(usage, metrics), (late) => {
    if (late === null) taken();
  });
}
