import type { LiveChange } from "@indium/contract/api/live";
import type { HostUsage } from "@indium/contract/host";
import type { Db, Tx } from "../db";

/** Postgres refuses a notification of 8000 bytes and more. */
const MAX_PAYLOAD_BYTES = 7_500;
export const LIVE_CHANNEL = "indium_live";

export type LiveResource = Extract<LiveChange, { kind: "changed" }>["resource"];

export interface Change {
  /** Null while what changed belongs to nobody yet (an unclaimed host): nobody is told. */
  readonly organizationId: string | null;
  readonly resource: LiveResource;
  readonly id: string;
  /** The instance an operation belongs to. */
  readonly parentId?: string | null;
}

/** What travels in a notification; `feed.ts` parses it with its own schema. */
export type LivePayload =
  | { organizationId: string; kind: "changed"; resource: LiveResource; id: string; parentId: string | null }
  | { organizationId: string; kind: "usage"; hostId: string; usage: HostUsage }
  | { organizationId: string; kind: "metrics"; hostId: string; at: number }
  /** The sample is too long for a notification: read it from the host's row. */
  | { organizationId: string; kind: "usageStored"; hostId: string };

/**
 * Tells every browser that looks at the organization. It leaves with the commit of `tx`, and equal changes of one transaction
 * leave once (both are Postgres' own rules for NOTIFY).
 */
export async function publishChange(tx: Tx | Db, change: Change): Promise<void> {
  if (change.organizationId === null) return;
  const { organizationId, resource, id, parentId = null } = change;
  await notify(tx, { organizationId, kind: "changed", resource, id, parentId });
}

/** Call it after `Host.usage` was written, in the same transaction or later. */
export async function publishUsage(tx: Tx | Db, host: { organizationId: string | null; hostId: string; usage: HostUsage }): Promise<void> {
  const { organizationId, hostId, usage } = host;
  if (organizationId === null) return;
  const payload: LivePayload = { organizationId, kind: "usage", hostId, usage };
  const fits = Buffer.byteLength(JSON.stringify(payload)) <= MAX_PAYLOAD_BYTES;
  await notify(tx, fits ? payload : { organizationId, kind: "usageStored", hostId });
}

/** New samples of many hosts are kept: whoever shows a chart of one asks for what is new. One statement for all of them. */
export async function publishMetrics(
  tx: Tx | Db,
  hosts: readonly { organizationId: string | null; hostId: string; at: number }[],
): Promise<void> {
  const payloads = hosts.flatMap(({ organizationId, hostId, at }) =>
    organizationId === null ? [] : [JSON.stringify({ organizationId, kind: "metrics", hostId, at } satisfies LivePayload)],
  );
  if (payloads.length === 0) return;
  await tx.$executeRaw`SELECT pg_notify(${LIVE_CHANNEL}, payload) FROM unnest(${payloads}::text[]) AS payload`;
}

async function notify(tx: Tx | Db, payload: LivePayload): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify(${LIVE_CHANNEL}, ${JSON.stringify(payload)})`;
}
