import type { SealedBox } from "@indium/contract/envelope";
import { HostDocument } from "@indium/contract/host-document";
import { HostId } from "@indium/contract/ids";
import type { DesiredImage } from "@indium/contract/image";
import type { DesiredInstance } from "@indium/contract/instance";
import { type PowerRequest, SshPublicKey } from "@indium/contract/instance";
import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import { parseCidr } from "@indium/domain/ip";
import { seal } from "@indium/tunnel/sealed-box";
import { z } from "zod";
import type { Prisma } from "../../generated/prisma/client";
import type { Db, Tx } from "../db";
import { hasBlob, signedImagePath } from "./image-blobs";
import { desiredPeers } from "./overlay-peers";
import { decryptSecret, type SecretKeyring } from "./secrets";
import { desiredGroups } from "./security-group-members";
import type { Signer } from "./signing";

export const HOST_CHANNEL = "indium_host";

/**
 * Raises what the host should be and tells the reconciler, both at the commit of the caller's transaction. It locks the
 * host's row: transactions that touch a host and its instances take the host first, as the reports do.
 */
export async function touchHost(tx: Tx, hostId: string): Promise<void> {
  await tx.$executeRaw`UPDATE "Host" SET "desiredGeneration" = "desiredGeneration" + 1 WHERE id = ${hostId}`;
  await tx.$executeRaw`SELECT pg_notify(${HOST_CHANNEL}, ${hostId})`;
}

export interface DocumentContext {
  readonly db: Db;
  readonly keyring: SecretKeyring;
  readonly signer: Signer;
  readonly blobsDir: string;
  readonly nowMs: number;
}

type PowerKind = z.infer<typeof PowerRequest>["kind"];
const INSTANCE_INCLUDE = {
  nics: { include: { network: true, securityGroups: { orderBy: { groupId: "asc" } } }, orderBy: { position: "asc" } },
  image: true,
  runtime: true,
} as const;
type InstanceRow = Prisma.InstanceGetPayload<{ include: typeof INSTANCE_INCLUDE }>;
type HostRow = Prisma.HostGetPayload<Record<string, never>>;
type NetworkRow = Prisma.NetworkGetPayload<Record<string, never>>;

/**
 * Everything the host should be, read in one snapshot. Tombstones stay in it until the host has confirmed them.
 * Null when there is no such host or it is revoked.
 */
export async function buildDocument(context: DocumentContext, hostId: string): Promise<HostDocument | null> {
  const rows = await context.db.$transaction(
    async (tx) => {
      const host = await tx.host.findUnique({ where: { id: hostId } });
      if (host === null || host.revokedAt !== null) return null;
      const installation = await tx.installation.findUniqueOrThrow({ where: { id: 1 } });
      const networks = await tx.network.findMany({ where: { hostId, deletedAt: null }, orderBy: { id: "asc" } });
      const instances = await tx.instance.findMany({
        where: { hostId, deletedAt: null },
        include: INSTANCE_INCLUDE,
        orderBy: { id: "asc" },
      });
      const groupIds = instances.flatMap((instance) => instance.nics.flatMap((nic) => nic.securityGroups.map((each) => each.groupId)));
      const groups = await desiredGroups(tx, [...new Set(groupIds)]);
      const peers = await desiredPeers(tx, hostId, installation.overlayPrefix);
      return { host, installation, networks, instances, groups, peers };
    },
    { isolationLevel: "RepeatableRead" },
  );
  if (rows === null) return null;
  const { host } = rows;
  return HostDocument.parse({
    formatVersion: 1,
    hostId: HostId.parse(host.id),
    centreEpoch: rows.installation.centreEpoch,
    generation: host.desiredGeneration,
    issuedAt: context.nowMs,
    networks: rows.networks.map(desiredNetwork),
    images: await desiredImages(context, host.id, rows.instances),
    ...(rows.groups.length === 0 ? {} : { securityGroups: rows.groups }),
    ...(rows.peers.length === 0 ? {} : { peers: rows.peers }),
    instances: rows.instances.map((instance) => desiredInstance(context, host, instance)),
  });
}

function desiredNetwork(network: NetworkRow): z.input<typeof DesiredNetwork> {
  return {
    id: network.id as z.input<typeof DesiredNetwork>["id"],
    name: network.name,
    kind: network.kind as DesiredNetwork["kind"],
    ipv4: network.ipv4Cidr !== null && network.ipv4Gateway !== null ? { cidr: network.ipv4Cidr, gateway: network.ipv4Gateway } : null,
    ipv6: network.ipv6Cidr !== null && network.ipv6Gateway !== null ? { cidr: network.ipv6Cidr, gateway: network.ipv6Gateway } : null,
    dnsServers: network.dnsServers,
    mtu: network.mtu,
    ...(network.vlanId === null || network.bridgeInterface === null
      ? { bridgeInterface: network.bridgeInterface }
      : { bridgeInterface: null, vlan: { bridge: network.bridgeInterface, id: network.vlanId } }),
    ...(network.uplinkInterface === null ? {} : { uplinkInterface: network.uplinkInterface }),
  };
}

async function desiredImages(context: DocumentContext, hostId: string, instances: readonly InstanceRow[]): Promise<DesiredImage[]> {
  const images = new Map(instances.filter((instance) => instance.desired !== "gone").map((instance) => [instance.imageId, instance.image]));
  const desired: DesiredImage[] = [];
  for (const image of images.values()) {
    const common = {
      id: image.id as DesiredImage["id"],
      name: image.name,
      sha256: image.sha256,
      sizeBytes: image.sizeBytes === null ? null : Number(image.sizeBytes),
    };
    // What was built here has no other source: this worker may lack what a web has, and a host that is refused says so.
    if (image.sha256 !== null && (image.url === null || (await hasBlob(context.blobsDir, image.sha256))))
      desired.push({ ...common, source: { kind: "centre", path: signedImagePath(context.signer, image.sha256, hostId, context.nowMs) } });
    else if (image.url !== null) desired.push({ ...common, source: { kind: "url", url: image.url, ...checksumOf(image) } });
  }
  return desired;
}

function checksumOf(image: InstanceRow["image"]) {
  const { checksumUrl, checksumAlgorithm, checksumFileName } = image;
  if (checksumUrl === null || checksumFileName === null || (checksumAlgorithm !== "sha256" && checksumAlgorithm !== "sha512")) return {};
  return { checksum: { url: checksumUrl, algorithm: checksumAlgorithm, fileName: checksumFileName } as const };
}

function desiredInstance(context: DocumentContext, host: HostRow, row: InstanceRow): z.input<typeof DesiredInstance> {
  const power =
    row.powerRequestId !== null && row.powerExpiresAt !== null && (row.powerKind === "reboot" || row.powerKind === "reset")
      ? { requestId: row.powerRequestId as `req-${string}`, kind: row.powerKind as PowerKind, expiresAt: row.powerExpiresAt.getTime() }
      : null;
  return {
    id: row.id as DesiredInstance["id"],
    name: row.name,
    generation: row.desiredGeneration,
    wishGeneration: row.wishGeneration,
    desired: row.desired as DesiredInstance["desired"],
    guestUuid: row.guestUuid,
    power,
    stopGraceMs: row.stopGraceMs,
    vcpus: row.vcpus,
    memoryBytes: Number(row.memoryBytes),
    firmware: row.firmware as DesiredInstance["firmware"],
    // Said only where it is so: an instance without them is the same to an agent of before.
    ...(row.secureBoot ? { secureBoot: true } : {}),
    ...(row.tpm ? { tpm: true } : {}),
    ...(row.desktop ? { desktop: true } : {}),
    rootVolume: {
      id: row.volumeId as `vol-${string}`,
      imageId: row.imageId as `img-${string}`,
      sizeBytes: Number(row.diskBytes),
      ...(row.replacesVolumeIds.length === 0 ? {} : { replaces: row.replacesVolumeIds as `vol-${string}`[] }),
    },
    nics: row.nics.map(desiredNic),
    metadata: {
      hostname: row.name,
      sshKeys: z.array(SshPublicKey).parse(row.sshKeys),
      tags: z.record(z.string(), z.string()).parse(row.tags),
      // Ids, not names: a rename must not change what a generation has vouched for.
      availabilityZone: host.siteId ?? host.id,
    },
    guestAgent: row.guestAgent as DesiredInstance["guestAgent"],
    dialect: row.dialect as DesiredInstance["dialect"],
    metadataTokens: row.metadataTokens as DesiredInstance["metadataTokens"],
    metadataHopLimit: row.metadataHopLimit,
    sealedSecrets:
      row.secretsCiphertext === null || row.desired === "gone" || isUsedUp(row)
        ? null
        : sealSecrets(context, host, row.id, row.secretsCiphertext),
  };
}

/** The host serves them no more. Nor can one that lost its ledger, if it is not given them. */
const isUsedUp = ({ guestUuid, runtime }: InstanceRow): boolean => runtime?.guestUuid === guestUuid && runtime.secretsSealedAt !== null;

const sealedBoxes = new Map<string, SealedBox>();
const SEALED_BOXES_KEPT = 10_000;

/** From our key to the host's, in memory only. Kept, so that a document that says nothing new is the same document. */
function sealSecrets(context: DocumentContext, host: HostRow, instanceId: string, ciphertext: string): SealedBox {
  const name = `${host.sealingKey} ${instanceId} ${ciphertext}`;
  const kept = sealedBoxes.get(name);
  if (kept !== undefined) return kept;
  const box = seal(host.sealingKey, decryptSecret(context.keyring, ciphertext, instanceId), instanceId);
  if (sealedBoxes.size >= SEALED_BOXES_KEPT) sealedBoxes.clear();
  sealedBoxes.set(name, box);
  return box;
}

function desiredNic(nic: InstanceRow["nics"][number]): z.input<typeof DesiredNic> {
  const v4 = nic.network.ipv4Cidr === null ? null : parseCidr(nic.network.ipv4Cidr);
  const v6 = nic.network.ipv6Cidr === null ? null : parseCidr(nic.network.ipv6Cidr);
  return {
    id: nic.id as DesiredNic["id"],
    networkId: nic.networkId as DesiredNic["networkId"],
    macAddress: nic.macAddress,
    addressMode: nic.addressMode as DesiredNic["addressMode"],
    ipv4: nic.ipv4 === null || v4 === null ? null : { address: nic.ipv4, prefixLength: v4.prefixLength, gateway: nic.network.ipv4Gateway },
    ipv6: nic.ipv6 === null || v6 === null ? null : { address: nic.ipv6, prefixLength: v6.prefixLength, gateway: nic.network.ipv6Gateway },
    ...(nic.securityGroups.length === 0 ? {} : { securityGroups: nic.securityGroups.map((each) => each.groupId as `sg-${string}`) }),
  };
}
