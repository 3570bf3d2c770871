import type { OperationView } from "@indium/contract/api/instance-views";
import { OperationView as OperationViewSchema } from "@indium/contract/api/instance-views";
import { AppError, WireError } from "@indium/contract/errors";
import { newId } from "@indium/contract/plain/ids";
import { type InstanceOperationKind, operationSteps } from "@indium/domain/operation";
import { z } from "zod";
import type { Prisma } from "../../generated/prisma/client";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { enqueueAdvance } from "../operations/enqueue";
import { closeSteps } from "./operation-steps";

export const OPEN_STATES = ["pending", "running", "waiting"] as const;

/** What a re-provision replaces; the secrets as they lie in the instance's row. */
export const GuestBefore = z.object({
  guestUuid: z.string(),
  secretsCiphertext: z.string().nullable(),
  hasPassword: z.boolean(),
  hasUserData: z.boolean(),
});
export type GuestBefore = z.infer<typeof GuestBefore>;

export interface NewOperation {
  readonly organizationId: string;
  readonly kind: InstanceOperationKind;
  readonly instanceId: string;
  readonly hostId: string | null;
  readonly targetGeneration: number;
  /** The wish to return to when the host never answers. */
  readonly revertDesired: string | null;
  /** For `instance.reprovision`: the guest to return to when it never reaches the host. */
  readonly revertGuest?: GuestBefore;
  /** For `instance.resize` and `instance.rebuild`: the machine to return to when the host does not carry it out. */
  readonly revertMachine?: Prisma.InputJsonObject;
  readonly startedById: string | null;
  /** For `instance.create`, `instance.reprovision` and `instance.rebuild`: whether it ends running. */
  readonly start?: boolean;
}

/** Writes an operation with its steps into the transaction that writes the intent, and the durable job that sees it through. */
export async function createOperation(tx: Tx, operation: NewOperation, nowMs: number): Promise<string> {
  const { start, ...columns } = operation;
  const id = newId("operation");
  const now = new Date(nowMs);
  await tx.operation.create({ data: { ...columns, id, state: "pending", createdAt: now } });
  await tx.operationStep.createMany({
    data: operationSteps(operation.kind, start ?? true).map((name, position) => ({
      operationId: id,
      position,
      name,
      ...(position === 0 ? { state: "running", startedAt: now } : {}),
    })),
  });
  await enqueueAdvance(tx, id, nowMs);
  await publishOperation(tx, { id, organizationId: operation.organizationId, instanceId: operation.instanceId });
  return id;
}

/** A newer request replaces what is still under way on the instance. */
export async function cancelOpenOperations(tx: Tx, instanceId: string, message: string, nowMs: number): Promise<void> {
  const error: WireError = { code: "conflict", message };
  const cancelled = await tx.$queryRaw<{ id: string; organizationId: string }[]>`
    UPDATE "Operation" SET state = 'cancelled', "endedAt" = ${new Date(nowMs)}::timestamp, waiting = NULL, "waitingUntil" = NULL, "revertGuest" = NULL, "revertMachine" = NULL,
      error = ${JSON.stringify(error)}::jsonb
    WHERE "instanceId" = ${instanceId} AND state IN ('pending', 'running', 'waiting') RETURNING id, "organizationId"`;
  if (cancelled.length === 0) return;
  await closeSteps(
    tx,
    cancelled.map((operation) => operation.id),
    "cancelled",
    nowMs,
  );
  for (const operation of cancelled) await publishOperation(tx, { ...operation, instanceId });
}

export async function publishOperation(
  tx: Tx,
  operation: { id: string; organizationId: string; instanceId: string | null },
): Promise<void> {
  const { id, organizationId, instanceId } = operation;
  await publishChange(tx, { organizationId, resource: "operation", id, parentId: instanceId });
}

export const OPERATION_INCLUDE = { steps: { orderBy: { position: "asc" } }, instance: { select: { name: true } } } as const;
type OperationRow = Prisma.OperationGetPayload<{ include: typeof OPERATION_INCLUDE }>;

export async function getOperation(db: Db, organizationId: string, id: string): Promise<OperationView> {
  const row = await db.operation.findFirst({ where: { id, organizationId }, include: OPERATION_INCLUDE });
  const [view] = row === null ? [] : await operationViews(db, [row]);
  if (view === undefined) throw new AppError("not_found", "This operation does not exist.");
  return view;
}

/** What is under way on the instance, else what failed last and was not followed by anything. */
export async function currentOperation(db: Db, instanceId: string): Promise<OperationView | null> {
  const row = await db.operation.findFirst({
    where: { instanceId },
    include: OPERATION_INCLUDE,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
  });
  if (row === null || row.state === "succeeded" || row.state === "cancelled") return null;
  return (await operationViews(db, [row]))[0] ?? null;
}

/** The `instance.create` of an instance. */
export async function firstOperation(db: Db, instanceId: string): Promise<OperationView | null> {
  const row = await db.operation.findFirst({
    where: { instanceId, kind: "instance.create" },
    include: OPERATION_INCLUDE,
    orderBy: { createdAt: "asc" },
  });
  return row === null ? null : ((await operationViews(db, [row]))[0] ?? null);
}

export async function operationViews(db: Db, rows: readonly OperationRow[]): Promise<OperationView[]> {
  const userIds = [...new Set(rows.flatMap((row) => (row.startedById === null ? [] : [row.startedById])))];
  const users = userIds.length === 0 ? [] : await db.user.findMany({ where: { id: { in: userIds } }, select: { id: true, name: true } });
  const names = new Map(users.map((user) => [user.id, user.name]));
  return rows.map((row) =>
    OperationViewSchema.parse({
      id: row.id,
      organizationId: row.organizationId,
      kind: row.kind,
      state: row.state,
      instanceId: row.instanceId,
      instanceName: row.instance?.name ?? null,
      hostId: row.hostId,
      startedBy: row.startedById === null ? null : (names.get(row.startedById) ?? null),
      createdAt: row.createdAt,
      endedAt: row.endedAt,
      waiting: row.waiting,
      waitingUntil: row.waitingUntil,
      progress: {
        done: row.steps.filter((step) => step.state === "succeeded" || step.state === "skipped").length,
        total: row.steps.length,
        unit: "steps",
      },
      error: wireErrorOf(row.error),
      steps: row.steps.map(({ name, state, startedAt, endedAt, message }) => ({ name, state, startedAt, endedAt, message })),
    }),
  );
}

/** A stored error; one of a newer version's shape is shown as its text rather than breaking the page. */
export function wireErrorOf(stored: Prisma.JsonValue): WireError | null {
  if (stored === null) return null;
  const parsed = WireError.safeParse(stored);
  return parsed.success ? parsed.data : { code: "internal", message: JSON.stringify(stored).slice(0, 1_000) };
}
