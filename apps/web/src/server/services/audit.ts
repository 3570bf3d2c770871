import type { AuditAction } from "@indium/contract/audit";
import type { Prisma } from "../../generated/prisma/client";
import type { Db, Tx } from "../db";
import type { Actor } from "./actor";

/** Who acts, from where and when: what every changing use case of people's own is given. An `ApiContext` is one. */
export interface Acting {
  readonly db: Db;
  readonly actor: Actor;
  readonly remoteAddress: string | null;
  readonly now: () => Date;
}

export interface AuditEntry {
  readonly organizationId: string | null;
  readonly action: AuditAction;
  readonly target: { readonly kind: string; readonly id: string | null };
  readonly result?: "success" | "failed" | "denied";
  /** Never a secret: it is shown. */
  readonly detail?: Prisma.InputJsonObject;
}

/** Written in the transaction of what it tells of, so that neither is there without the other. */
export async function audit(
  tx: Tx | Db,
  who: { readonly actorId: string | null; readonly remoteAddress: string | null; readonly at: Date },
  entry: AuditEntry,
): Promise<void> {
  await tx.auditEvent.create({
    data: {
      organizationId: entry.organizationId,
      actorId: who.actorId,
      action: entry.action,
      targetKind: entry.target.kind,
      targetId: entry.target.id,
      result: entry.result ?? "success",
      remoteAddress: who.remoteAddress,
      detail: entry.detail ?? {},
      at: who.at,
    },
  });
}

export async function auditBy(tx: Tx | Db, acting: Acting, entry: AuditEntry): Promise<void> {
  await audit(tx, { actorId: acting.actor.userId, remoteAddress: acting.remoteAddress, at: acting.now() }, entry);
}
