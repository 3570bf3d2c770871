import type { InstanceCreateInput } from "@indium/contract/api/instance-views";
import { AppError } from "@indium/contract/errors";
import { type HostId, InstanceId } from "@indium/contract/ids";
import { Firmware } from "@indium/contract/image";
import type { GuestSecrets } from "@indium/contract/instance";
import { MetadataDialect, MetadataTokens } from "@indium/contract/metadata-dialect";
import { NicAddressMode } from "@indium/contract/network";
import { newId } from "@indium/contract/plain/ids";
import { dialectProblem, newGuestUuid } from "@indium/domain/metadata-dialect";
import { inWords } from "@indium/domain/placement";
import type { z } from "zod";
import { Prisma } from "../../generated/prisma/client";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { audit } from "./audit";
import { cloudConfigSchema } from "./cloud-config-schema";
import { touchHost } from "./host-documents";
import { createOperation } from "./operations";
import { placeInstance } from "./placement";
import { allocateNic, ensureDefaultNetwork } from "./placement-network";
import { encryptSecret, type SecretKeyring } from "./secrets";
import { signalReferringHosts } from "./security-group-members";
import { defaultGroupIds, refuseForeignGroups } from "./security-groups";
import { sha512Crypt } from "./sha512-crypt";
import { checkUserData } from "./user-data-check";

type Input = z.output<typeof InstanceCreateInput>;

export interface CreateContext {
  readonly db: Db;
  readonly keyring: SecretKeyring;
  readonly actorId: string | null;
  readonly remoteAddress?: string | null;
  readonly nowMs: number;
}

/**
 * Writes the wish for a new instance: record, address, first operation and audit event in one transaction; the host hears of it at the
 * commit. The same `requestKey` again answers with the first instance.
 * @throws AppError with the form's `field`.
 */
export async function createInstance(context: CreateContext, input: Input): Promise<{ instanceId: InstanceId; created: boolean }> {
  const before = await findByRequestKey(context.db, input);
  if (before !== null) return { instanceId: before, created: false };
  const id = newId("instance");
  const secretsCiphertext = sealGuestSecrets(context, id, input);
  for (let attempt = 1; ; attempt++) {
    try {
      const first = await context.db.$transaction((tx) => write(tx, context, input, id, secretsCiphertext), {
        timeout: 20_000,
        maxWait: 10_000,
      });
      return first === null ? { instanceId: InstanceId.parse(id), created: true } : { instanceId: first, created: false };
    } catch (thrown) {
      const index = violatedIndex(thrown);
      if (index === null) throw thrown;
      if (index === "Instance_live_name_key") throw nameTaken(input.name);
      // An address or MAC that somebody else took in the same instant.
      if (attempt >= 3) throw thrown;
    }
  }
}

async function findByRequestKey(db: Db | Tx, input: Input): Promise<InstanceId | null> {
  const found = await db.instance.findUnique({
    where: { organizationId_requestKey: { organizationId: input.organizationId, requestKey: input.requestKey } },
    select: { id: true },
  });
  return found === null ? null : InstanceId.parse(found.id);
}

function sealGuestSecrets(context: CreateContext, instanceId: string, input: Input): string | null {
  const userData = input.userData === null || input.userData.trim() === "" ? null : input.userData;
  if (userData !== null) refuseBrokenUserData(userData);
  if (userData === null && input.password === null) return null;
  const secrets: GuestSecrets = {
    ...(input.password === null ? {} : { passwordHash: sha512Crypt(input.password) }),
    ...(userData === null ? {} : { userData }),
  };
  return encryptSecret(context.keyring, JSON.stringify(secrets), instanceId);
}

/** @throws AppError `bad_request` (field `userData`) for what cloud-init could not read. */
export function refuseBrokenUserData(userData: string): void {
  const [problem] = checkUserData(userData, cloudConfigSchema()).problems.filter((candidate) => candidate.severity === "error");
  if (problem === undefined) return;
  throw new AppError("bad_request", `User data, line ${problem.line}, column ${problem.column}: ${problem.message}`, { field: "userData" });
}

/** Answers the instance that the same request made meanwhile, if one did; null when this one was written. */
async function write(
  tx: Tx,
  context: CreateContext,
  input: Input,
  id: string,
  secretsCiphertext: string | null,
): Promise<InstanceId | null> {
  const { organizationId } = input;
  const now = new Date(context.nowMs);
  const image = await usableImage(tx, input);
  const size = await tx.size.findUnique({ where: { id: input.sizeId } });
  if (size === null) throw new AppError("not_found", "This size does not exist. Choose another.", { field: "sizeId" });
  const diskBytes = checkFit(image, size, input);
  const sshKeys = await chosenKeys(tx, input);
  const chosenNetwork = await findNetwork(tx, input);
  const place = await placeInstance(
    tx,
    {
      organizationId,
      hostId: input.hostId ?? chosenNetwork?.hostId ?? null,
      siteId: input.siteId,
      memoryBytes: Number(size.memoryBytes),
      strategy: input.placement,
    },
    context.nowMs,
  );
  // The host's row first, as everyone does who touches a host and its instances.
  await touchHost(tx, place.hostId);
  const first = await findByRequestKey(tx, input);
  if (first !== null) return first;
  const taken = await tx.instance.findFirst({ where: { organizationId, name: input.name, deletedAt: null }, select: { id: true } });
  if (taken !== null) throw nameTaken(input.name);
  const network = chosenNetwork?.row ?? (await ensureDefaultNetwork(tx, place.hostId));
  const nic = await allocateNic(tx, network);
  const groupIds = input.securityGroupIds === null ? await defaultGroupIds(tx, organizationId) : [...new Set(input.securityGroupIds)];
  await refuseForeignGroups(tx, organizationId, groupIds);
  const shown = chosenDialect(image, input, nic);
  await tx.instance.create({
    data: {
      id,
      organizationId,
      name: input.name,
      hostId: place.hostId,
      imageId: image.id,
      sizeId: size.id,
      guestUuid: newGuestUuid(shown.dialect),
      ...shown,
      desired: input.start ? "running" : "stopped",
      desiredGeneration: 1,
      vcpus: size.vcpus,
      memoryBytes: size.memoryBytes,
      diskBytes: BigInt(diskBytes),
      volumeId: newId("volume"),
      ...chosenFirmware(image, input),
      sshKeys,
      tags: input.tags,
      guestAgent: image.cloudInit ? "cloud-init" : "none",
      secretsCiphertext,
      hasPassword: input.password !== null,
      hasUserData: input.userData !== null && input.userData.trim() !== "",
      placementReason: place.reason,
      createdById: context.actorId,
      requestKey: input.requestKey,
      createdAt: now,
      nics: { create: { ...nic, securityGroups: { create: groupIds.map((groupId) => ({ groupId })) } } },
      steps: { create: { boot: 0, step: "placed", state: "succeeded", startedAt: now, endedAt: now, message: place.reason } },
    },
  });
  await createOperation(
    tx,
    {
      organizationId,
      kind: "instance.create",
      instanceId: id,
      hostId: place.hostId,
      targetGeneration: 1,
      revertDesired: "stopped",
      startedById: context.actorId,
      start: input.start,
    },
    context.nowMs,
  );
  await audit(
    tx,
    { actorId: context.actorId, remoteAddress: context.remoteAddress ?? null, at: now },
    {
      organizationId,
      action: "instance.create",
      target: { kind: "instance", id },
      detail: { name: input.name, imageId: image.id, hostId: place.hostId },
    },
  );
  await signalReferringHosts(tx, groupIds);
  await publishChange(tx, { organizationId, resource: "instance", id });
  for (const groupId of groupIds) await publishChange(tx, { organizationId, resource: "securityGroup", id: groupId });
  return null;
}

/** @throws AppError `not_found`, `image_unavailable` (field `imageId`). */
export async function usableImage(tx: Tx, input: { organizationId: string; imageId: string }) {
  const image = await tx.image.findFirst({
    where: { id: input.imageId, deletedAt: null, OR: [{ organizationId: null }, { organizationId: input.organizationId }] },
  });
  if (image === null) throw new AppError("not_found", "This image does not exist. Choose another.", { field: "imageId" });
  if (image.state === "building")
    throw new AppError("image_unavailable", `Image ${image.name} is still being built. Wait for it, or choose another.`, {
      field: "imageId",
    });
  if (image.state !== "ready")
    throw new AppError("image_unavailable", `Image ${image.name} could not be built. Its page says why; choose another meanwhile.`, {
      field: "imageId",
    });
  return image;
}

function checkFit(
  image: { name: string; minimumDiskBytes: bigint; minimumMemoryBytes: bigint },
  size: { diskBytes: bigint; memoryBytes: bigint },
  input: Input,
): number {
  const diskBytes = input.diskBytes ?? Math.max(Number(size.diskBytes), Number(image.minimumDiskBytes));
  if (diskBytes < Number(image.minimumDiskBytes))
    throw new AppError("bad_request", `Image ${image.name} needs a disk of at least ${inWords(Number(image.minimumDiskBytes))}.`, {
      field: "diskBytes",
    });
  if (diskBytes > 64 * 1024 ** 4) throw new AppError("bad_request", "A disk has at most 64 TiB.", { field: "diskBytes" });
  if (size.memoryBytes < image.minimumMemoryBytes)
    throw new AppError(
      "bad_request",
      `Image ${image.name} needs at least ${inWords(Number(image.minimumMemoryBytes))} of memory. Choose a larger size.`,
      {
        field: "sizeId",
      },
    );
  return diskBytes;
}

/**
 * What the guest is shown: the image's choice unless the form says otherwise. The image's wish for tokens goes with its dialect.
 * @throws AppError with the form's `field`.
 */
function chosenDialect(image: { dialect: string; metadataTokens: string }, input: Input, nic: { addressMode?: string }) {
  const dialect = input.dialect ?? MetadataDialect.parse(image.dialect);
  const fromImage = dialect === image.dialect ? MetadataTokens.parse(image.metadataTokens) : "optional";
  const metadataTokens = input.metadataTokens ?? fromImage;
  const problem = dialectProblem({ dialect, metadataTokens, addressModes: [NicAddressMode.parse(nic.addressMode)] });
  if (problem !== null) throw new AppError("bad_request", problem, { field: "dialect" });
  return { dialect, metadataTokens, metadataHopLimit: input.metadataHopLimit };
}

/** @throws AppError with the form's `field`. */
function chosenFirmware(image: { firmware: string }, input: Input) {
  const firmware = input.firmware ?? Firmware.parse(image.firmware);
  if (input.secureBoot && firmware !== "uefi")
    throw new AppError("bad_request", "Secure Boot needs UEFI. Choose UEFI, or leave Secure Boot off.", { field: "firmware" });
  return { firmware, secureBoot: input.secureBoot, tpm: input.tpm, desktop: input.desktop };
}

async function chosenKeys(tx: Tx, input: Input): Promise<{ name: string; key: string }[]> {
  if (input.sshKeyIds.length === 0) return [];
  const keys = await tx.sshKey.findMany({ where: { organizationId: input.organizationId, id: { in: [...input.sshKeyIds] } } });
  if (keys.length !== new Set(input.sshKeyIds).size)
    throw new AppError("not_found", "One of the chosen SSH keys was deleted meanwhile. Choose again.", { field: "sshKeyIds" });
  return keys.map((key) => ({ name: key.name, key: key.publicKey }));
}

async function findNetwork(tx: Tx, input: Input) {
  if (input.networkId === null) return null;
  const row = await tx.network.findFirst({
    where: { id: input.networkId, deletedAt: null, host: { organizationId: input.organizationId } },
  });
  if (row === null) throw new AppError("not_found", "This network does not exist. Choose another.", { field: "networkId" });
  if (input.hostId !== null && input.hostId !== row.hostId)
    throw new AppError("bad_request", `Network ${row.name} is on another host. Choose a network of the chosen host.`, {
      field: "networkId",
    });
  return { row, hostId: row.hostId as HostId };
}

export function nameTaken(name: string): AppError {
  return new AppError("already_exists", `An instance named ${name} exists already. Choose another name.`, { field: "name" });
}

/** Which unique index refused the write, as the driver adapter tells it; null for any other error. */
export function violatedIndex(thrown: unknown): string | null {
  if (!(thrown instanceof Prisma.PrismaClientKnownRequestError) || thrown.code !== "P2002") return null;
  return /unique constraint \\?"([A-Za-z0-9_]+)/.exec(JSON.stringify(thrown.meta ?? {}))?.[1] ?? "";
}
