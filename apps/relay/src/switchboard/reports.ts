import { SignedEnvelope } from "@indium/contract/envelope";
import { AppError, toAppError } from "@indium/contract/errors";
import type { Centre } from "../centre";
import type { Session } from "../sessions/session";

const INGEST_TIMEOUT_MS = 30_000;

/**
 * Hands a host's reports to the centre, one batch at a time, and hands back the centre's acknowledgement. Both are
 * signed past this relay, which reads neither and may be older than both ends.
 */
export function forwardReports(session: Session, centre: Pick<Centre, "call">): void {
  let underWay = false;
  session.socket.on("report", (raw, ack) => {
    if (typeof ack !== "function") return;
    const refuse = (error: AppError) => ack({ ok: false, error: error.toWire() });
    if (underWay) return refuse(new AppError("rate_limited", "The batch before this one is not acknowledged yet."));
    const reports = SignedEnvelope.safeParse(raw);
    if (!reports.success) return refuse(new AppError("bad_request", "The batch of reports is malformed."));
    underWay = true;
    centre
      .call("ingestReports", { hostId: session.hostId, linkEpoch: session.linkEpoch, reports: reports.data }, INGEST_TIMEOUT_MS)
      .then((result) => ack({ ok: true, ack: result.ack }))
      .catch((thrown: unknown) => refuse(toAppError(thrown, "The relay failed to hand the reports on; its log says why.")))
      .finally(() => {
        underWay = false;
      });
  });
}
