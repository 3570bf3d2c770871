import { AppError } from "@indium/contract/errors";
import { SignedUsage } from "@indium/contract/host";
import type { internalApi } from "@indium/contract/internal-api";
import { openEnvelope } from "@indium/tunnel/envelope";
import type { z } from "zod";
import { type Db, isRefusedValue } from "../db";
import { publishUsage } from "../live/publish";
import { recordForgery } from "./forgeries";
import { type HostSamples, ingestMetrics } from "./metrics-ingest";

type Samples = z.infer<(typeof internalApi)["ingestUsage"]["input"]>["samples"];

/**
 * Writes what hosts use: each host's sample by itself, because what is wrong with one must not cost the others theirs. Taken when the host
 * signed it for its present link and it is newer than the last one of that link.
 */
export async function ingestUsage(db: Db, input: { samples: Samples }, relayName: string, nowMs: number): Promise<void> {
  const keys = new Map(
    (
      await db.host.findMany({
        where: { id: { in: input.samples.map((sample) => sample.hostId) }, relayName, revokedAt: null },
        select: { id: true, publicKey: true, linkEpoch: true },
      })
    ).map((host) => [host.id, host]),
  );
  const measured: HostSamples[] = [];
  for (const sample of input.samples) {
    const host = keys.get(sample.hostId);
    if (host === undefined || host.linkEpoch !== sample.linkEpoch) continue;
    const signed = openUsage(sample, host.publicKey);
    if (signed === "forged") await recordForgery(db, host.id, relayName, "usage", nowMs);
    else if (signed !== "malformed") {
      const written = await writeUsage(db, signed, relayName);
      if (written === null || signed.metrics === undefined) continue;
      measured.push({
        hostId: signed.hostId,
        organizationId: written.organizationId,
        sentAt: signed.usage.at,
        samples: signed.metrics,
      });
    }
  }
  // What fails here fails the call, and hosts send these samples again.
  await ingestMetrics(db, measured, nowMs);
}

function openUsage(sample: Samples[number], publicKey: string): SignedUsage | "forged" | "malformed" {
  try {
    const signed = openEnvelope(sample.usage, { purpose: "host-usage", publicKeys: [publicKey], schema: SignedUsage });
    return signed.hostId === sample.hostId && signed.linkEpoch === sample.linkEpoch ? signed : "forged";
  } catch (thrown) {
    // Rightly signed and not understood: an agent of another version, and no relay's doing.
    return thrown instanceof AppError && thrown.code === "bad_request" ? "malformed" : "forged";
  }
}

/** @returns whose the host is; null when the sample is not the newest of the present link. */
async function writeUsage(db: Db, signed: SignedUsage, relayName: string): Promise<{ organizationId: string | null } | null> {
  const { hostId, linkEpoch, number, usage } = signed;
  try {
    const [host] = await db.$queryRaw<{ organizationId: string | null }[]>`
      UPDATE "Host" SET usage = ${JSON.stringify(usage)}::jsonb, "usageNumber" = ${number}
      WHERE id = ${hostId} AND "linkEpoch" = ${linkEpoch} AND "relayName" = ${relayName} AND "revokedAt" IS NULL
        AND "usageNumber" < ${number} RETURNING "organizationId"`;
    if (host !== undefined) await publishUsage(db, { organizationId: host.organizationId, hostId, usage });
    return host ?? null;
  } catch (thrown) {
    if (!isRefusedValue(thrown)) throw thrown;
    return null;
  }
}
