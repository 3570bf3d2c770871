import { AppError } from "@indium/contract/errors";
import { MetadataDialect } from "@indium/contract/metadata-dialect";
import { newId } from "@indium/contract/plain/ids";
import type { DesiredState, InstanceAction, ObservedState } from "@indium/contract/states";
import { displayedState } from "@indium/domain/displayed-state";
import { type DiskWork, desiredStateFor, mayAct } from "@indium/domain/instance-actions";
import { newGuestUuid } from "@indium/domain/metadata-dialect";
import { UNREACHABLE_LIMIT_MS } from "@indium/domain/operation";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { audit } from "./audit";
import { touchHost } from "./host-documents";
import { cancelOpenOperations, createOperation, GuestBefore, OPEN_STATES } from "./operations";

export type ActAction = Exclude<InstanceAction, "openConsole" | "resize" | "rebuild">;

export interface ActRequest {
  readonly organizationId: string;
  readonly instanceId: string;
  readonly action: ActAction;
  readonly actorId: string | null;
  readonly remoteAddress: string | null;
  readonly nowMs: number;
}

/** A guest that shuts down by itself gets this long before it is stopped by force; forced stops get none. */
export const STOP_GRACE_MS = 90_000;

/**
 * Asks for an action: the wish, its generation, the operation and the audit event in one transaction. The instance's row is locked, so of two
 * tabs that press opposite buttons one comes second: it is judged against the first one's wish, and cancels its operation.
 * @throws AppError `action_denied` with the sentence the button's tooltip has, `not_found`.
 */
export async function actOnInstance(db: Db, request: ActRequest): Promise<{ operationId: string }> {
  const operationId = await db.$transaction(
    async (tx) => {
      const { organizationId, instanceId, action, nowMs } = request;
      const placed = await tx.instance.findFirst({ where: { id: instanceId, organizationId }, select: { hostId: true } });
      if (placed === null) throw notFound();
      if (placed.hostId !== null) await touchHost(tx, placed.hostId);
      await tx.$queryRaw`SELECT 1 FROM "Instance" WHERE id = ${instanceId} FOR UPDATE`;
      const row = await tx.instance.findUniqueOrThrow({ where: { id: instanceId }, include: { runtime: true, host: true } });
      const state = displayedState(factsOf(row, nowMs));
      const verdict = mayAct(state, action, await openDiskWork(tx, instanceId));
      if (!verdict.allowed) throw new AppError("action_denied", verdict.reason);
      const revertDesired = await wishBefore(tx, instanceId, row.desired);
      await cancelOpenOperations(tx, instanceId, "A newer request took its place.", nowMs);
      const generation = row.desiredGeneration + 1;
      await tx.instance.update({
        where: { id: instanceId },
        data: {
          desiredGeneration: generation,
          wishGeneration: generation,
          ...wishColumns(row.desired, action, nowMs),
          ...(action === "reprovision" ? nextGuest(row) : {}),
        },
      });
      const id = await createOperation(
        tx,
        {
          organizationId,
          kind: `instance.${action}`,
          instanceId,
          hostId: row.hostId,
          targetGeneration: generation,
          revertDesired: action === "delete" ? null : revertDesired,
          ...(action === "reprovision" ? { revertGuest: GuestBefore.parse(row), start: row.desired === "running" } : {}),
          startedById: request.actorId,
        },
        nowMs,
      );
      // Placed nowhere, there is nobody to wait for.
      if (action === "delete" && row.hostId === null)
        await tx.instance.update({ where: { id: instanceId }, data: { deletedAt: new Date(nowMs) } });
      await audit(
        tx,
        { actorId: request.actorId, remoteAddress: request.remoteAddress, at: new Date(nowMs) },
        { organizationId, action: `instance.${action}`, target: { kind: "instance", id: instanceId } },
      );
      await publishChange(tx, { organizationId, resource: "instance", id: instanceId, parentId: null });
      return id;
    },
    { timeout: 20_000, maxWait: 10_000 },
  );
  return { operationId };
}

/** Of an instance's operations: the work on its disk that is under way. */
export const DISK_WORK = {
  where: { kind: { in: ["instance.resize", "instance.rebuild"] }, endedAt: null },
  select: { kind: true },
  take: 1,
};

export function diskWorkOf(operations: readonly { readonly kind: string }[]): DiskWork | null {
  const [open] = operations;
  return open === undefined ? null : open.kind === "instance.rebuild" ? "rebuild" : "resize";
}

export async function openDiskWork(tx: Tx, instanceId: string): Promise<DiskWork | null> {
  return diskWorkOf(await tx.operation.findMany({ ...DISK_WORK, where: { ...DISK_WORK.where, instanceId } }));
}

/** The wish to return to: that of before the first of the requests that are replaced unfinished, because none of them was carried out. */
async function wishBefore(tx: Tx, instanceId: string, desired: string): Promise<string> {
  const open = await tx.operation.findFirst({
    where: { instanceId, state: { in: [...OPEN_STATES] } },
    select: { revertDesired: true },
    orderBy: { createdAt: "desc" },
  });
  return open?.revertDesired ?? desired;
}

function wishColumns(desired: string, action: ActAction, nowMs: number) {
  // A guest that is down becomes the new one at its next start.
  const power = action === "reboot" || action === "reset" || (action === "reprovision" && desired === "running");
  return {
    desired: desiredStateFor(action) ?? (power && desired === "paused" ? "running" : desired),
    powerRequestId: power ? newId("request") : null,
    powerKind: power ? (action === "reset" ? "reset" : "reboot") : null,
    powerExpiresAt: power ? new Date(nowMs + UNREACHABLE_LIMIT_MS) : null,
    ...(action === "stop" || action === "start" ? { stopGraceMs: STOP_GRACE_MS } : {}),
    ...(action === "forceStop" ? { stopGraceMs: 0 } : {}),
  };
}

/** A new guest on the same disk: first boot, and secrets for it, start over. What was replaced meanwhile becomes what it is given. */
export function nextGuest(row: GuestRow) {
  const replaced = row.pendingHasPassword !== null;
  return {
    guestUuid: newGuestUuid(MetadataDialect.parse(row.dialect)),
    ...(replaced
      ? {
          secretsCiphertext: row.pendingSecretsCiphertext,
          hasPassword: row.pendingHasPassword ?? false,
          hasUserData: row.pendingHasUserData ?? false,
        }
      : {}),
    ...NOTHING_PENDING,
  };
}

interface GuestRow {
  readonly dialect: string;
  readonly pendingSecretsCiphertext: string | null;
  readonly pendingHasPassword: boolean | null;
  readonly pendingHasUserData: boolean | null;
}

export const NOTHING_PENDING = { pendingSecretsCiphertext: null, pendingHasPassword: null, pendingHasUserData: null } as const;

interface StateRow {
  readonly desired: string;
  readonly desiredGeneration: number;
  readonly runtime: { readonly observedState: string; readonly appliedGeneration: number } | null;
  readonly host: { readonly leaseExpiresAt: Date | null; readonly revokedAt: Date | null } | null;
}

/** What the displayed state is computed from. */
export function factsOf(row: StateRow, nowMs: number) {
  return {
    desired: row.desired as DesiredState,
    desiredGeneration: row.desiredGeneration,
    observed: row.runtime === null ? null : (row.runtime.observedState as ObservedState),
    appliedGeneration: row.runtime?.appliedGeneration ?? 0,
    hostLeaseAlive: row.host === null ? null : hostIsOnline(row.host, nowMs),
  };
}

export const hostIsOnline = (host: { leaseExpiresAt: Date | null; revokedAt: Date | null }, nowMs: number): boolean =>
  host.revokedAt === null && host.leaseExpiresAt !== null && host.leaseExpiresAt.getTime() > nowMs;

export const notFound = (): AppError => new AppError("not_found", "This instance does not exist, or was deleted.");
