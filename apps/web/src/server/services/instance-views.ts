import { type InstanceListItem, InstanceView } from "@indium/contract/api/instance-views";
import { GuestFinding } from "@indium/contract/guest-finding";
import { HostFacts, HostUsage } from "@indium/contract/host";
import { SshPublicKey } from "@indium/contract/instance";
import { ObservedDisk, SealReason } from "@indium/contract/report";
import { InstanceAction } from "@indium/contract/states";
import { displayedState } from "@indium/domain/displayed-state";
import { type DiskWork, mayAct } from "@indium/domain/instance-actions";
import { type Permission, roleMay } from "@indium/domain/policy";
import { z } from "zod";
import type { Prisma } from "../../generated/prisma/client";
import type { Db } from "../db";
import { type OrganizationScope, refusal } from "./authorize";
import { timelineOf } from "./instance-timeline";
import { DISK_WORK, diskWorkOf, factsOf, notFound } from "./instances";
import { currentOperation, wireErrorOf } from "./operations";
import { fingerprintOf } from "./ssh-public-key";

export const INSTANCE_LIST_INCLUDE = {
  runtime: true,
  host: { select: { id: true, name: true, simulated: true, leaseExpiresAt: true, revokedAt: true, site: { select: { name: true } } } },
  image: { select: { name: true } },
  nics: { select: { id: true, ipv4: true }, orderBy: { position: "asc" }, take: 1 },
  operations: DISK_WORK,
} as const;
export type ListRow = Prisma.InstanceGetPayload<{ include: typeof INSTANCE_LIST_INCLUDE }>;

const INSTANCE_INCLUDE = {
  runtime: true,
  host: { include: { site: true } },
  image: true,
  nics: {
    include: { network: true, securityGroups: { include: { group: { select: { id: true, name: true } } }, orderBy: { groupId: "asc" } } },
    orderBy: { position: "asc" },
  },
  steps: true,
  operations: DISK_WORK,
} as const;
type InstanceRow = Prisma.InstanceGetPayload<{ include: typeof INSTANCE_INCLUDE }>;

export const ACTION_PERMISSION: Record<InstanceAction, Permission> = {
  start: "instance.operate",
  stop: "instance.operate",
  forceStop: "instance.operate",
  reboot: "instance.operate",
  reset: "instance.operate",
  pause: "instance.operate",
  resume: "instance.operate",
  reprovision: "instance.operate",
  resize: "instance.operate",
  rebuild: "instance.operate",
  delete: "instance.delete",
  openConsole: "instance.console",
};

/** What the buttons are drawn from: the state's verdict and the role's, taken together. */
export function actionVerdicts(
  state: InstanceListItem["state"],
  scope: OrganizationScope,
  during: DiskWork | null,
): InstanceListItem["actions"] {
  const verdict = (action: InstanceAction): InstanceListItem["actions"][InstanceAction] => {
    const permission = ACTION_PERMISSION[action];
    return roleMay(scope.role, permission)
      ? mayAct(state, action, during)
      : { allowed: false, reason: refusal(permission, scope, scope.name) };
  };
  return Object.fromEntries(InstanceAction.options.map((action) => [action, verdict(action)])) as InstanceListItem["actions"];
}

export function instanceListItem(row: ListRow, scope: OrganizationScope, nowMs: number): InstanceListItem {
  const state = displayedState(factsOf(row, nowMs));
  return {
    id: row.id as InstanceListItem["id"],
    organizationId: scope.id,
    name: row.name,
    state,
    hostId: row.hostId as InstanceListItem["hostId"],
    hostName: row.host?.name ?? null,
    siteName: row.host?.site?.name ?? null,
    simulated: row.host?.simulated ?? false,
    imageName: row.image.name,
    vcpus: row.vcpus,
    memoryBytes: Number(row.memoryBytes),
    ipv4: row.nics[0] === undefined ? null : ipv4Of(row.nics[0], row.runtime),
    tags: row.tags as InstanceListItem["tags"],
    createdAt: row.createdAt,
    error: wireErrorOf(row.runtime?.error ?? null),
    waiting: row.runtime?.waitingMessage ?? null,
    waitingUntil: row.runtime?.waitingUntil ?? null,
    actions: actionVerdicts(state, scope, diskWorkOf(row.operations)),
  };
}

/** @throws AppError `not_found`. */
export async function getInstance(db: Db, scope: OrganizationScope, instanceId: string, nowMs: number): Promise<InstanceView> {
  const row = await db.instance.findFirst({ where: { id: instanceId, organizationId: scope.id }, include: INSTANCE_INCLUDE });
  if (row === null) throw notFound();
  const [operation, size, creator] = await Promise.all([
    currentOperation(db, row.id),
    row.sizeId === null ? null : db.size.findUnique({ where: { id: row.sizeId }, select: { name: true } }),
    row.createdById === null ? null : db.user.findUnique({ where: { id: row.createdById }, select: { name: true } }),
  ]);
  const item = instanceListItem(row, scope, nowMs);
  const usage = HostUsage.safeParse(row.host?.usage);
  const sshKeys = z.array(SshPublicKey).parse(row.sshKeys);
  return InstanceView.parse({
    ...item,
    desired: row.desired,
    guestUuid: row.guestUuid,
    firmware: row.firmware,
    secureBoot: row.secureBoot,
    tpm: row.tpm,
    desktop: row.desktop,
    imageId: row.imageId,
    diskBytes: Number(row.diskBytes),
    disk: ObservedDisk.safeParse(row.runtime?.disk).data ?? null,
    sizeId: row.sizeId,
    sizeName: size?.name ?? null,
    placementReason: row.placementReason,
    defaultUser: row.image.defaultUser,
    hasPassword: row.hasPassword,
    hasUserData: row.hasUserData,
    dialect: row.dialect,
    metadataTokens: row.metadataTokens,
    metadataHopLimit: row.metadataHopLimit,
    sshKeyNames: sshKeys.map((key) => key.name),
    sshKeys: sshKeys.map((key) => ({ name: key.name, fingerprint: fingerprintOf(key.key) })),
    guestAgent: row.guestAgent,
    secrets: secretsView(row),
    pendingSecrets:
      row.pendingHasPassword === null || row.pendingHasUserData === null
        ? null
        : { hasPassword: row.pendingHasPassword, hasUserData: row.pendingHasUserData },
    createdBy: creator?.name ?? null,
    startedAt: row.runtime?.startedAt ?? null,
    nics: row.nics.map((nic) => ({
      id: nic.id,
      networkId: nic.networkId,
      networkName: nic.network.name,
      networkKind: nic.network.kind,
      macAddress: nic.macAddress,
      securityGroups: nic.securityGroups.map(({ group }) => group),
      addressMode: nic.addressMode,
      ipv4: ipv4Of(nic, row.runtime),
      ipv6: nic.ipv6,
    })),
    ssh: sshLine(row, item.state),
    timeline: timelineOf(row, item.state),
    findings: findingsOf(row, scope),
    screen: row.runtime?.screen ?? null,
    currentOperation: operation,
    cpuFraction: usage.success ? (usage.data.instances.find((each) => each.instanceId === row.id)?.cpuFraction ?? null) : null,
  });
}

const LearnedAddresses = z.record(z.string(), z.ipv4());

/** Assigned by us, or learned by the host from the LAN's DHCP server. */
function ipv4Of(nic: { id: string; ipv4: string | null }, runtime: { learnedAddresses: Prisma.JsonValue } | null): string | null {
  return nic.ipv4 ?? LearnedAddresses.safeParse(runtime?.learnedAddresses).data?.[nic.id] ?? null;
}

/** The lines are the serial log's, which is for those who may open the console. */
function findingsOf(row: InstanceRow, scope: OrganizationScope): InstanceView["findings"] {
  const findings = z.array(GuestFinding).safeParse(row.runtime?.findings ?? []);
  if (!findings.success) return [];
  return roleMay(scope.role, "instance.console") ? findings.data : findings.data.map((finding) => ({ ...finding, excerpt: "" }));
}

/** Of the guest that is wished: what the host says of an older one tells nothing about it. */
function secretsView({ guestUuid, runtime }: InstanceRow): z.input<typeof InstanceView>["secrets"] {
  if (runtime === null || runtime.guestUuid !== guestUuid) return { state: "waiting", until: null, since: null, reason: null };
  if (runtime.secretsSealedAt !== null)
    return { state: "sealed", until: null, since: runtime.secretsSealedAt, reason: SealReason.parse(runtime.secretsSealedBy) };
  return { state: "served", until: runtime.secretsServedUntil, since: null, reason: null };
}

/** How one logs in over SSH and from where that works; null when nobody can, or nothing is there to answer. */
function sshLine(row: InstanceRow, state: InstanceListItem["state"]): InstanceView["ssh"] {
  const [nic] = row.nics;
  const ipv4 = nic === undefined ? null : ipv4Of(nic, row.runtime);
  const isUp = state === "running" || state === "starting" || state === "rebooting";
  const hasLogin = row.hasPassword || row.hasUserData || z.array(SshPublicKey).parse(row.sshKeys).length > 0;
  if (
    nic === undefined ||
    ipv4 === null ||
    row.host === null ||
    row.host.simulated ||
    !isUp ||
    !hasLogin ||
    row.guestAgent !== "cloud-init"
  )
    return null;
  const boot = Math.max(0, ...row.steps.map((step) => step.boot));
  const answering = row.steps.some((step) => step.boot === boot && step.step === "ssh" && step.state === "succeeded");
  const target = `${row.image.defaultUser}@${ipv4}`;
  switch (nic.network.kind) {
    case "bridge":
      return { command: `ssh ${target}`, explanation: "Works from every machine on the same LAN.", answering };
    case "isolated":
      return {
        command: `ssh ${target}`,
        explanation: "Works from the other instances on this network only; it has no way out.",
        answering,
      };
    default:
      return {
        command: `ssh -J root@${hostAddress(row.host)} ${target}`,
        explanation: `The network is behind host ${row.host.name}, so the way leads through it: put a user of yours on ${row.host.name} in the place of root. On ${row.host.name} itself, ssh ${target} is enough.`,
        answering,
      };
  }
}

/** Its address on the uplink, else its name. */
function hostAddress(host: { name: string; facts: Prisma.JsonValue }): string {
  const facts = HostFacts.safeParse(host.facts);
  if (!facts.success) return host.name;
  const uplink = facts.data.nics.find((nic) => nic.uplink) ?? facts.data.nics.find((nic) => nic.up && !nic.bridge);
  const address = uplink?.addresses.map((text) => text.split("/")[0] ?? "").find((text) => /^\d+\.\d+\.\d+\.\d+$/.test(text));
  return address ?? facts.data.hostname;
}
