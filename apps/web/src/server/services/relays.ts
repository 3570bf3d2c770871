import { createHash } from "node:crypto";
import type { internalApi } from "@indium/contract/internal-api";
import { MAX_RELAYS, RelayEntry } from "@indium/contract/relays";
import type { z } from "zod";
import type { Db } from "../db";
import { type Signer, signRelayList } from "./signing";

/**
 * Which relays hosts may dial. A relay is in the list from its registration until nothing was heard of it for a day, and not while it lets its
 * hosts go. One that is only down stays: hosts find that out in no time, and it may be the one that is back first.
 */
type RenewOutput = z.infer<(typeof internalApi)["renewLeases"]["output"]>;

const FORGOTTEN_AFTER_MS = 86_400_000;

/** By name. Empty when no relay has said where it is: hosts then know web's own address, which leads to one. */
export async function relaysToDial(db: Db, nowMs: number): Promise<RelayEntry[]> {
  const since = new Date(nowMs - FORGOTTEN_AFTER_MS);
  const known = await db.relay.findMany({
    where: { publicUrl: { not: null }, OR: [{ lastSeenAt: { gt: since } }, { registeredAt: { gt: since } }] },
    select: { name: true, publicUrl: true, drainingSince: true },
    orderBy: { name: "asc" },
  });
  const staying = known.filter((relay) => relay.drainingSince === null);
  // All of them about to end: any is better than none.
  return (staying.length > 0 ? staying : known)
    .flatMap(({ name, publicUrl }) => RelayEntry.safeParse({ name, url: publicUrl }).data ?? [])
    .slice(0, MAX_RELAYS);
}

/** The list as hosts are to have it, for a relay that passes another one on; undefined when it has this one, or there is none. */
export async function relayListFor(db: Db, signer: Signer, revision: string | undefined, nowMs: number): Promise<RenewOutput["relays"]> {
  const relays = await relaysToDial(db, nowMs);
  if (relays.length === 0) return undefined;
  const present = createHash("sha256").update(JSON.stringify(relays)).digest("hex");
  return present === revision ? undefined : { revision: present, list: signRelayList(signer, { issuedAt: nowMs, relays }) };
}

/** A relay renews its leases: it is there. */
export async function relaySeen(db: Db, name: string, draining: boolean, nowMs: number): Promise<void> {
  const now = new Date(nowMs);
  await db.$executeRaw`UPDATE "Relay" SET "lastSeenAt" = ${now}::timestamp,
    "drainingSince" = CASE WHEN ${draining} THEN coalesce("drainingSince", ${now}::timestamp) END WHERE name = ${name}`;
}
