import type { ErrorCode } from "@indium/contract/errors";
import type { HostId, SiteId } from "@indium/contract/ids";
import type { PlacementStrategy } from "@indium/contract/states";

/**
 * Where a new instance goes. Of the hosts of the site that are online, not cordoned and have room: `spread` takes the one with the most free
 * memory, `pack` the one with the least that suffices. Memory is never promised twice; processor threads are shared, and only break ties.
 * Every host that was not compared is named with the reason.
 */
export interface PlacementHost {
  readonly id: HostId;
  readonly name: string;
  readonly siteId: SiteId | null;
  readonly online: boolean;
  /** Nobody wants new instances there, and why. `by`: null when the user is gone. */
  readonly cordon: { readonly by: string | null; readonly reason: string } | null;
  /** Chosen only where no real host has room. */
  readonly simulated: boolean;
  readonly memoryBytes: number;
  readonly threads: number;
  /** Of instances that are not stopped or gone. */
  readonly allocatedMemoryBytes: number;
  readonly allocatedVcpus: number;
}

export interface PlacementRequest {
  readonly memoryBytes: number;
  /** Asked for by the user; null places automatically. */
  readonly hostId: HostId | null;
  readonly siteId: SiteId | null;
  readonly strategy: PlacementStrategy;
}

export interface LeftOut {
  readonly name: string;
  /** "cordoned by Ada: the disk is failing" */
  readonly why: string;
}

export type Placement =
  | {
      readonly placed: true;
      readonly hostId: HostId;
      readonly hostName: string;
      /** "lab-2: most free memory of 2 hosts (15 GiB free)" */
      readonly reason: string;
      readonly leftOut: readonly LeftOut[];
    }
  | { readonly placed: false; readonly code: ErrorCode; readonly message: string; readonly field: "hostId" | "siteId" | "sizeId" };

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const NAMED = 5;

/** Kept for the host itself: a quarter of a gibibyte and a twentieth of its memory. */
export function hostReserveBytes(memoryBytes: number): number {
  return Math.round(256 * MIB + memoryBytes / 20);
}

export function freeMemoryBytes(host: PlacementHost): number {
  return Math.max(0, host.memoryBytes - hostReserveBytes(host.memoryBytes) - host.allocatedMemoryBytes);
}

export function inWords(bytes: number): string {
  if (bytes < GIB) return `${Math.floor(bytes / MIB)} MiB`;
  return `${(Math.floor((bytes / GIB) * 10) / 10).toFixed(1).replace(/\.0$/, "")} GiB`;
}

/** "cordoned by Ada: the disk is failing" */
export function cordonWords(cordon: { readonly by: string | null; readonly reason: string }): string {
  return `cordoned${cordon.by === null ? "" : ` by ${cordon.by}`}: ${cordon.reason}`;
}

export function place(inAnyOrder: readonly PlacementHost[], request: PlacementRequest): Placement {
  const hosts = [...inAnyOrder].sort(byName);
  if (request.hostId !== null) return placeOnChosen(hosts, request, request.hostId);
  const inSite = hosts.filter((host) => request.siteId === null || host.siteId === request.siteId);
  if (inSite.length === 0)
    return request.siteId === null
      ? refuse("no_capacity", "There is no host yet. Add a host first.", "hostId")
      : refuse("no_capacity", "This site has no host. Choose another site, or add a host to it.", "siteId");
  const online = inSite.filter((host) => host.online);
  if (online.length === 0) {
    const names = inSite.slice(0, NAMED).map((host) => host.name);
    return refuse("host_unreachable", `No host can be reached now (${names.join(", ")}). Check that the agent runs there.`, "hostId");
  }
  const open = online.filter((host) => host.cordon === null);
  if (open.length === 0)
    return refuse(
      "no_capacity",
      `Every host that can be reached is cordoned (${sentenceOf(online.map((host) => leftOutFor(host, request.memoryBytes)))}). Uncordon one, or add a host.`,
      "hostId",
    );
  const fitting = open.filter((host) => freeMemoryBytes(host) >= request.memoryBytes);
  if (fitting.length === 0) return refuse("no_capacity", tooLarge(open, request.memoryBytes), "sizeId");
  // Somebody who has a real host and looks at a simulated one beside it wants real VMs.
  const real = fitting.some((host) => !host.simulated);
  const compared = fitting.filter((host) => !real || !host.simulated);
  const best = compared.reduce((left, right) => (isBetter(right, left, request.strategy) ? right : left));
  const leftOut = inSite.filter((host) => !compared.includes(host)).map((host) => leftOutFor(host, request.memoryBytes));
  const among =
    compared.length === 1
      ? `the only host with room${leftOut.length === 0 ? "" : " for it"}`
      : request.strategy === "spread"
        ? `most free memory of ${compared.length} hosts`
        : `fullest of ${compared.length} hosts with room`;
  return {
    placed: true,
    hostId: best.id,
    hostName: best.name,
    reason: `${best.name}: ${among} (${inWords(freeMemoryBytes(best))} free)`,
    leftOut,
  };
}

/** The choice and what was left out, in one sentence for the timeline and the create page. */
export function placementWords(placement: Extract<Placement, { placed: true }>): string {
  return placement.leftOut.length === 0 ? placement.reason : `${placement.reason}; left out: ${sentenceOf(placement.leftOut)}`;
}

function sentenceOf(leftOut: readonly LeftOut[]): string {
  const named = leftOut.slice(0, NAMED).map(({ name, why }) => `${name} (${why})`);
  return leftOut.length > NAMED ? `${named.join(", ")} and ${leftOut.length - NAMED} more` : named.join(", ");
}

function leftOutFor(host: PlacementHost, memoryBytes: number): LeftOut {
  const { name } = host;
  if (!host.online) return { name, why: "cannot be reached" };
  if (host.cordon !== null) return { name, why: cordonWords(host.cordon) };
  if (usable(host) < memoryBytes) return { name, why: `too small: it can give ${inWords(usable(host))}` };
  if (freeMemoryBytes(host) < memoryBytes) return { name, why: `too full: ${inWords(freeMemoryBytes(host))} free` };
  return { name, why: "simulated" };
}

function placeOnChosen(hosts: readonly PlacementHost[], request: PlacementRequest, hostId: HostId): Placement {
  const host = hosts.find((candidate) => candidate.id === hostId);
  if (host === undefined) return refuse("not_found", "This host does not exist. Choose another.", "hostId");
  if (request.siteId !== null && host.siteId !== request.siteId)
    return refuse("bad_request", `Host ${host.name} is not in the chosen site. Choose another host or site.`, "hostId");
  if (host.cordon !== null)
    return refuse("action_denied", `Host ${host.name} is ${cordonWords(host.cordon)}. Choose another, or uncordon it.`, "hostId");
  if (!host.online)
    return refuse("host_unreachable", `Host ${host.name} cannot be reached now. Choose another, or check that its agent runs.`, "hostId");
  if (freeMemoryBytes(host) < request.memoryBytes) return refuse("no_capacity", tooLarge([host], request.memoryBytes), "sizeId");
  return { placed: true, hostId: host.id, hostName: host.name, reason: `${host.name}: chosen by you`, leftOut: [] };
}

export interface ResizeRequest {
  readonly name: string;
  readonly memory: { readonly from: number; readonly to: number };
  readonly disk: { readonly from: number; readonly to: number };
  /** Of the host; null when it has not said. */
  readonly storage: { readonly sizeBytes: number; readonly usedBytes: number } | null;
}

/** Why a stopped instance cannot become that large on its host, with the figures; null when it can. What gets smaller always fits. */
export function resizeProblem(host: PlacementHost, request: ResizeRequest): { message: string; field: "sizeId" | "diskBytes" } | null {
  const { name, memory, disk, storage } = request;
  const free = freeMemoryBytes(host);
  if (memory.to > memory.from && memory.to > free)
    return {
      field: "sizeId",
      message: `Host ${host.name} cannot give ${name} ${inWords(memory.to)} of memory: of its ${inWords(host.memoryBytes)}, ${inWords(hostReserveBytes(host.memoryBytes))} are kept for the host and ${inWords(host.allocatedMemoryBytes)} are given to other instances, so ${inWords(free)} are free. Choose a smaller size, or stop another instance there.`,
    };
  const growth = disk.to - disk.from;
  const room = storage === null ? Number.POSITIVE_INFINITY : Math.max(0, storage.sizeBytes - storage.usedBytes);
  if (growth > 0 && storage !== null && growth > room)
    return {
      field: "diskBytes",
      message: `Host ${host.name} has no room to grow the disk of ${name} by ${inWords(growth)}: ${inWords(room)} of its ${inWords(storage.sizeBytes)} are free. Choose a smaller disk, or make room there.`,
    };
  return null;
}

function tooLarge(hosts: readonly PlacementHost[], wanted: number): string {
  const largest = hosts.reduce((left, right) => (usable(right) > usable(left) ? right : left));
  if (usable(largest) < wanted)
    return `${inWords(wanted)} of memory is more than ${hosts.length === 1 ? `host ${largest.name} has` : "any host has"}: the largest, ${largest.name}, can give an instance ${inWords(usable(largest))}. Choose a smaller size.`;
  const freest = hosts.reduce((left, right) => (freeMemoryBytes(right) > freeMemoryBytes(left) ? right : left));
  return `No host has ${inWords(wanted)} of memory free now: ${freest.name} has the most, ${inWords(freeMemoryBytes(freest))}. Choose a smaller size, or stop an instance.`;
}

const usable = (host: PlacementHost): number => Math.max(0, host.memoryBytes - hostReserveBytes(host.memoryBytes));
const byName = (left: PlacementHost, right: PlacementHost): number => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);

function isBetter(candidate: PlacementHost, best: PlacementHost, strategy: PlacementStrategy): boolean {
  const memory = freeMemoryBytes(candidate) - freeMemoryBytes(best);
  if (memory !== 0) return strategy === "spread" ? memory > 0 : memory < 0;
  const load = candidate.allocatedVcpus / candidate.threads - best.allocatedVcpus / best.threads;
  if (load !== 0) return load < 0;
  return candidate.id < best.id;
}

function refuse(code: ErrorCode, message: string, field: "hostId" | "siteId" | "sizeId"): Placement {
  return { placed: false, code, message, field };
}
