import type { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import type { HostUsage, SignedUsage } from "@indium/contract/host";
import type { LinkClaim } from "@indium/contract/link";
import type { MetricSample } from "@indium/contract/metrics";
import { ReportAck, type ReportBatch, type SignedReports } from "@indium/contract/report";
import { openEnvelope, signEnvelope } from "@indium/tunnel/envelope";
import type { KeyPair } from "@indium/tunnel/keys";

/**
 * What this host says over one link, signed for that link: whoever carries it can neither write it, nor keep it for a later link. The
 * centre's acknowledgements are believed when the centre signed them, because what is acknowledged is forgotten here.
 */
export class HostSigner {
  readonly #keys: KeyPair;
  readonly #centrePublicKey: string;
  readonly #claim: LinkClaim;
  #usageNumber = 0;

  constructor(options: { keys: KeyPair; centrePublicKey: string; claim: LinkClaim }) {
    this.#keys = options.keys;
    this.#centrePublicKey = options.centrePublicKey;
    this.#claim = options.claim;
  }

  reports(batch: ReportBatch): SignedEnvelope {
    const { hostId, linkEpoch } = this.#claim;
    return signEnvelope("host-report", { hostId, linkEpoch, ...batch } satisfies SignedReports, this.#keys.privateKey);
  }

  usage(usage: HostUsage, metrics: readonly MetricSample[] = []): SignedEnvelope {
    const { hostId, linkEpoch } = this.#claim;
    this.#usageNumber += 1;
    const signed = { hostId, linkEpoch, number: this.#usageNumber, usage, ...(metrics.length === 0 ? {} : { metrics: [...metrics] }) };
    return signEnvelope("host-usage", signed satisfies SignedUsage, this.#keys.privateKey);
  }

  /** @throws AppError `signature_invalid` for what the centre did not sign, `forbidden` for another link's or another ledger's. */
  openAck(envelope: unknown, ledgerId: ReportBatch["ledgerId"]): ReportAck {
    const ack = openEnvelope(envelope, { purpose: "report-ack", publicKeys: [this.#centrePublicKey], schema: ReportAck });
    const { hostId, linkEpoch } = this.#claim;
    if (ack.hostId !== hostId || ack.linkEpoch !== linkEpoch || ack.ledgerId !== ledgerId)
      throw new AppError("forbidden", "The relay shows an acknowledgement that the centre gave for something else.");
    return ack;
  }
}
