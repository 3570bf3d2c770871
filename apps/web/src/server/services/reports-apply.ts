import type { WireError } from "@indium/contract/errors";
import type {
  ImageObservation,
  InstanceObservation,
  InstanceStepReport,
  NetworkObservation,
  Progress,
  ReportItem,
} from "@indium/contract/report";
import type { z } from "zod";
import type { Tx } from "../db";
import type { Change } from "../live/publish";
import { writeHostStep } from "./operation-steps";
import { keepCandidates } from "./overlay-peers";
import { signalMembershipOf } from "./security-group-members";

export interface ReportingHost {
  readonly hostId: string;
  readonly hostName: string;
  readonly organizationId: string | null;
  /** The installation's own machine. */
  readonly local: boolean;
  readonly simulated: boolean;
}

/** What a batch changed: told to browsers and to waiting operations after the commit. */
export interface ReportEffects {
  readonly changes: Map<string, Change>;
  readonly instanceIds: Set<string>;
  /** The host's document changed with it, and has to be sent. */
  touched: boolean;
}

/**
 * Writes one item. A host speaks only of its own instances and networks: every statement carries its id, so that what it says of
 * another's changes nothing. An item about something unknown is dropped, because it must not stop the queue behind it.
 */
export async function applyReport(tx: Tx, host: ReportingHost, item: ReportItem, effects: ReportEffects, nowMs: number): Promise<void> {
  const { body } = item;
  switch (body.kind) {
    case "instance.observed":
      return applyObservation(tx, host, body, effects, nowMs);
    case "instance.step":
      return applyStep(tx, host, body, effects);
    case "image.observed":
      return applyImage(tx, host, body, item.at, effects, nowMs);
    case "network.observed":
      return applyNetwork(tx, host, body, effects);
    case "host.event":
      return writeHostEvent(tx, host, item.at, body.level, body.code, body.message, effects);
    case "host.unclaimed":
      if (body.instanceIds.length === 0) return;
      return writeHostEvent(tx, host, item.at, "warning", "unclaimed_vms", unclaimedMessage(body.instanceIds), effects);
    case "host.facts":
      await tx.host.update({
        where: { id: host.hostId },
        data: {
          facts: body.facts,
          factsAt: new Date(nowMs),
          agentVersion: body.facts.agentVersion,
          simulated: body.facts.driver === "simulated",
        },
      });
      return note(effects, host, "host", host.hostId);
    case "overlay.candidates":
      return keepCandidates(tx, host.hostId, body);
    case "document.accepted":
      // An older epoch's generation says nothing about this one's.
      await tx.$executeRaw`UPDATE "Host" SET
          "acceptedGeneration" = CASE WHEN "acceptedEpoch" < ${body.centreEpoch} THEN ${body.generation}
            ELSE greatest("acceptedGeneration", ${body.generation}) END,
          "acceptedEpoch" = ${body.centreEpoch}
        WHERE id = ${host.hostId} AND "acceptedEpoch" <= ${body.centreEpoch}
          AND (SELECT "centreEpoch" FROM "Installation" WHERE id = 1) >= ${body.centreEpoch}`;
  }
}

async function applyObservation(
  tx: Tx,
  host: ReportingHost,
  body: InstanceObservation,
  effects: ReportEffects,
  nowMs: number,
): Promise<void> {
  const { provisioning } = body;
  const written = await tx.$executeRaw`
    INSERT INTO "InstanceRuntime" ("instanceId", "observedState", "observedGeneration", "appliedGeneration", "guestPoweredOff",
      "lastRequestId", "startedAt", "error", "waitingMessage", "waitingUntil", "guestUuid", "secretsServedUntil",
      "secretsSealedAt", "secretsSealedBy", "learnedAddresses", "findings", "screen", "disk", "observedAt")
    SELECT id, ${body.state}, ${body.observedGeneration}, ${body.appliedGeneration}, ${body.guestPoweredOff}, ${body.lastRequestId},
      ${dateOrNull(body.startedAt)}::timestamp, ${json(body.error)}::jsonb, ${body.waiting?.message ?? null},
      ${dateOrNull(body.waiting?.untilMs ?? null)}::timestamp,
      ${provisioning?.guestUuid ?? null}, ${dateOrNull(provisioning?.servedUntil ?? null)}::timestamp,
      ${dateOrNull(provisioning?.sealed?.at ?? null)}::timestamp, ${provisioning?.sealed?.reason ?? null}, ${learnedAddresses(body)}::jsonb, ${JSON.stringify(body.findings ?? [])}::jsonb,
      ${body.screen == null ? null : JSON.stringify(body.screen)}::jsonb, ${body.disk == null ? null : JSON.stringify(body.disk)}::jsonb, ${new Date(nowMs)}::timestamp
    FROM "Instance" WHERE id = ${body.instanceId} AND "hostId" = ${host.hostId} AND "deletedAt" IS NULL
    ON CONFLICT ("instanceId") DO UPDATE SET "observedState" = EXCLUDED."observedState",
      "observedGeneration" = EXCLUDED."observedGeneration", "appliedGeneration" = EXCLUDED."appliedGeneration",
      "guestPoweredOff" = EXCLUDED."guestPoweredOff", "lastRequestId" = EXCLUDED."lastRequestId", "startedAt" = EXCLUDED."startedAt",
      "error" = EXCLUDED."error", "waitingMessage" = EXCLUDED."waitingMessage", "waitingUntil" = EXCLUDED."waitingUntil",
      "guestUuid" = EXCLUDED."guestUuid", "secretsServedUntil" = EXCLUDED."secretsServedUntil",
      "secretsSealedAt" = EXCLUDED."secretsSealedAt", "secretsSealedBy" = EXCLUDED."secretsSealedBy",
      "learnedAddresses" = EXCLUDED."learnedAddresses", "findings" = EXCLUDED."findings", "screen" = EXCLUDED."screen", "disk" = EXCLUDED."disk",
      "observedAt" = EXCLUDED."observedAt"
    WHERE "InstanceRuntime"."observedGeneration" < EXCLUDED."observedGeneration"`;
  if (written === 0) return;
  note(effects, host, "instance", body.instanceId);
  effects.instanceIds.add(body.instanceId);
  if (body.guestPoweredOff) await keepPoweredOff(tx, host, body, effects);
  if (body.state === "gone") await confirmDeletion(tx, host, body.instanceId, effects, nowMs);
}

/** The guest shut itself down: that becomes the wish, unless a newer one was written meanwhile. */
async function keepPoweredOff(tx: Tx, host: ReportingHost, body: InstanceObservation, effects: ReportEffects): Promise<void> {
  const kept = await tx.$executeRaw`
    UPDATE "Instance" SET desired = 'stopped', "desiredGeneration" = "desiredGeneration" + 1, "wishGeneration" = "desiredGeneration" + 1,
      "powerRequestId" = NULL, "powerKind" = NULL, "powerExpiresAt" = NULL
    WHERE id = ${body.instanceId} AND "hostId" = ${host.hostId} AND desired = 'running' AND "desiredGeneration" = ${body.appliedGeneration}`;
  if (kept > 0) effects.touched = true;
}

async function confirmDeletion(tx: Tx, host: ReportingHost, instanceId: string, effects: ReportEffects, nowMs: number): Promise<void> {
  const deleted = await tx.$executeRaw`
    UPDATE "Instance" SET "deletedAt" = ${new Date(nowMs)}::timestamp, "secretsCiphertext" = NULL,
      "pendingSecretsCiphertext" = NULL, "pendingHasPassword" = NULL, "pendingHasUserData" = NULL
    WHERE id = ${instanceId} AND "hostId" = ${host.hostId} AND desired = 'gone' AND "deletedAt" IS NULL`;
  if (deleted === 0) return;
  // Addresses and names are free again; the record stays for the audit log.
  await signalMembershipOf(tx, instanceId);
  await tx.nic.deleteMany({ where: { instanceId } });
  effects.touched = true;
}

async function applyStep(tx: Tx, host: ReportingHost, body: z.infer<typeof InstanceStepReport>, effects: ReportEffects): Promise<void> {
  const { done, total, unit } = progressColumns(body.progress);
  const written = await tx.$executeRaw`
    INSERT INTO "InstanceStep" ("instanceId", boot, step, state, "startedAt", "endedAt", message, detail,
      "progressDone", "progressTotal", "progressUnit")
    SELECT id, ${body.boot}, ${body.step}, ${body.state}, ${new Date(body.startedAt)}::timestamp, ${dateOrNull(body.endedAt)}::timestamp,
      ${body.message}, ${body.detail}, ${done}::bigint, ${total}::bigint, ${unit}
    FROM "Instance" WHERE id = ${body.instanceId} AND "hostId" = ${host.hostId} AND "deletedAt" IS NULL
    ON CONFLICT ("instanceId", boot, step) DO UPDATE SET state = EXCLUDED.state, "startedAt" = EXCLUDED."startedAt",
      "endedAt" = EXCLUDED."endedAt", message = EXCLUDED.message, detail = EXCLUDED.detail, "progressDone" = EXCLUDED."progressDone",
      "progressTotal" = EXCLUDED."progressTotal", "progressUnit" = EXCLUDED."progressUnit"`;
  if (written === 0) return;
  await writeHostStep(tx, body);
  if (body.step === "metadata" && body.state === "succeeded") await rememberBooted(tx, host, body.instanceId);
  note(effects, host, "instance", body.instanceId);
}

/** A guest that asked for its metadata has booted: its image is no longer one that nobody here has tried. */
async function rememberBooted(tx: Tx, host: ReportingHost, instanceId: string): Promise<void> {
  await tx.$executeRaw`UPDATE "Image" SET "bootedHere" = true FROM "Instance", "Host"
    WHERE "Image".id = "Instance"."imageId" AND "Instance".id = ${instanceId} AND NOT "Image"."bootedHere"
      AND "Host".id = ${host.hostId} AND NOT "Host".simulated`;
}

async function applyImage(
  tx: Tx,
  host: ReportingHost,
  body: z.infer<typeof ImageObservation>,
  at: number,
  effects: ReportEffects,
  nowMs: number,
): Promise<void> {
  const [image] = await tx.$queryRaw<{ name: string; sha256: string | null; organizationId: string | null }[]>`
    SELECT name, sha256, "organizationId" FROM "Image" WHERE id = ${body.imageId}
      AND ("organizationId" IS NULL OR "organizationId" = ${host.organizationId}) FOR UPDATE`;
  if (image === undefined) return;
  let error: WireError | null = body.error;
  let state: string = body.state;
  if (body.state === "ready" && body.sha256 !== null && image.sha256 !== null && image.sha256 !== body.sha256) {
    state = "failed";
    error = {
      code: "image_checksum_mismatch",
      message: `Image ${image.name} on host ${host.hostName} is not the one that was pinned at the first download. Check its source, or add it as a new image.`,
      detail: `pinned ${image.sha256}\nfound  ${body.sha256}`,
    };
    await writeHostEvent(tx, host, at, "error", "image_checksum_mismatch", error.message, effects);
  } else if (body.state === "ready" && body.sha256 !== null && image.sha256 === null && mayPin(host, image)) {
    await tx.$executeRaw`UPDATE "Image" SET sha256 = ${body.sha256}, "sizeBytes" = ${body.sizeBytes}::bigint,
      "minimumDiskBytes" = greatest("minimumDiskBytes", coalesce(${body.virtualSizeBytes}::bigint, 0)) WHERE id = ${body.imageId}`;
    effects.touched = true;
  }
  const { done, total } = progressColumns(body.progress);
  await tx.$executeRaw`
    INSERT INTO "ImageCopy" ("imageId", "hostId", state, "progressDone", "progressTotal", error, path, "sizeBytes", "updatedAt")
    VALUES (${body.imageId}, ${host.hostId}, ${state}, ${done}::bigint, ${total}::bigint, ${json(error)}::jsonb, ${body.path ?? null},
      ${body.sizeBytes}::bigint, ${new Date(nowMs)}::timestamp)
    ON CONFLICT ("imageId", "hostId") DO UPDATE SET state = EXCLUDED.state, "progressDone" = EXCLUDED."progressDone",
      "progressTotal" = EXCLUDED."progressTotal", error = EXCLUDED.error, path = EXCLUDED.path, "sizeBytes" = EXCLUDED."sizeBytes",
      "updatedAt" = EXCLUDED."updatedAt"`;
  note(effects, host, "image", body.imageId);
}

/**
 * What everybody uses is pinned by the installation's own machine alone: any organization may enrol a host that says what it likes, and a
 * false hash would keep the image from all the others. Until then each host pins what it verified for itself. Simulated
 * hosts make their hashes up.
 */
function mayPin(host: ReportingHost, image: { organizationId: string | null }): boolean {
  return !host.simulated && (image.organizationId !== null || host.local);
}

async function applyNetwork(tx: Tx, host: ReportingHost, body: z.infer<typeof NetworkObservation>, effects: ReportEffects): Promise<void> {
  const state = body.state === "absent" ? "pending" : body.state;
  const written = await tx.$executeRaw`UPDATE "Network" SET state = ${state}, error = ${json(body.error)}::jsonb
    WHERE id = ${body.networkId} AND "hostId" = ${host.hostId}`;
  if (written > 0) note(effects, host, "network", body.networkId);
}

export async function writeHostEvent(
  tx: Tx,
  host: ReportingHost,
  at: number,
  level: string,
  code: string,
  message: string,
  effects: ReportEffects,
): Promise<void> {
  await tx.hostEvent.create({ data: { hostId: host.hostId, at: new Date(at), level, code, message } });
  note(effects, host, "host", host.hostId);
}

function unclaimedMessage(ids: readonly string[]): string {
  const some = ids.slice(0, 5).join(", ");
  return `${ids.length} ${ids.length === 1 ? "VM runs" : "VMs run"} here that Indium knows nothing of (${some}${ids.length > 5 ? ", …" : ""}). Nothing is done to ${ids.length === 1 ? "it" : "them"}.`;
}

function note(effects: ReportEffects, host: ReportingHost, resource: Change["resource"], id: string): void {
  effects.changes.set(`${resource}:${id}`, { organizationId: host.organizationId, resource, id });
}

function progressColumns(progress: z.infer<typeof Progress> | null) {
  if (progress === null) return { done: null, total: null, unit: null };
  return { done: Math.round(progress.done), total: progress.total === null ? null : Math.round(progress.total), unit: progress.unit };
}

const learnedAddresses = (body: InstanceObservation): string =>
  JSON.stringify(Object.fromEntries((body.learnedAddresses ?? []).map(({ nicId, ipv4 }) => [nicId, ipv4])));
const dateOrNull = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
const json = (value: WireError | null): string | null => (value === null ? null : JSON.stringify(value));
