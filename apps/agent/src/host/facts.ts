import { readdir, readFile, stat, statfs } from "node:fs/promises";
import { arch, hostname, networkInterfaces, release } from "node:os";
import { join } from "node:path";
import type { HostFacts } from "@indium/contract/host";
import type { Hypervisor } from "../drivers/types";
import { BRIDGE_PREFIX } from "../network/names";
import { run } from "../system/exec";
import { defaultRouteInterfaces, NO_DISK, parseBootTime, parseCpuInfo, parseMemInfo, parseOsRelease } from "./proc";
import { AGENT_VERSION } from "./version";
import { hostWarnings, readWarningSigns } from "./warnings";

export interface FactsOptions {
  readonly hypervisor: Pick<Hypervisor, "kind" | "version" | "acceleration" | "limits">;
  /** Where instances' disks live. */
  readonly storagePath: string;
  /** Shown in place of the machine's own name. */
  readonly hostname: string | null;
  /** Why no LAN bridge can be made of an interface; null when it can. Not said when absent. */
  readonly bridgeRefusal?: (name: string) => Promise<string | null>;
}

/** What this machine is, asked of the kernel each time. */
export async function readHostFacts(options: FactsOptions): Promise<HostFacts> {
  const [cpuInfo, memInfo, procStat, osRelease, storage] = await Promise.all([
    text("/proc/cpuinfo"),
    text("/proc/meminfo"),
    text("/proc/stat"),
    text("/etc/os-release"),
    statfs(options.storagePath),
  ]);
  const { acceleration, limits } = options.hypervisor;
  return {
    hostname: (options.hostname ?? hostname()).slice(0, 253),
    operatingSystem: parseOsRelease(osRelease),
    kernel: release().slice(0, 200),
    architecture: arch() === "x64" ? "x86_64" : arch() === "arm64" ? "aarch64" : arch().slice(0, 20),
    agentVersion: AGENT_VERSION,
    driver: options.hypervisor.kind,
    hypervisorVersion: options.hypervisor.version,
    acceleration: acceleration.kind,
    accelerationReason: acceleration.reason?.slice(0, 500) ?? null,
    ...(limits === null ? {} : { vmLimits: { kind: limits.kind, reason: limits.reason?.slice(0, 500) ?? null } }),
    ...(options.hypervisor.kind === "qemu" ? { vlans: await hasVlans() } : {}),
    changesDisks: true,
    cpu: parseCpuInfo(cpuInfo, 1),
    memoryBytes: Math.max(1, parseMemInfo(memInfo).totalBytes),
    disks: await readDisks(),
    nics: await readNics(options.bridgeRefusal),
    storage: { path: options.storagePath.slice(0, 500), sizeBytes: storage.blocks * storage.bsize },
    bootedAt: parseBootTime(procStat) || 1,
    warnings: options.hypervisor.kind === "qemu" ? hostWarnings(await readWarningSigns()) : [],
  };
}

/** Disks as the kernel has them: no loops, RAM disks, device-mapper layers, floppies or empty drives. */
async function readDisks(): Promise<HostFacts["disks"]> {
  const names = await readdir("/sys/block").catch(() => []);
  const disks = await Promise.all(
    names
      .filter((name) => !NO_DISK.test(name))
      .map(async (name) => ({
        name: name.slice(0, 100),
        model: (await text(`/sys/block/${name}/device/model`)).trim().slice(0, 200) || null,
        // Always in 512-byte sectors, whatever the disk's own (sysfs ABI, block/<disk>/size).
        sizeBytes: Number((await text(`/sys/block/${name}/size`)).trim() || 0) * 512,
        rotational: (await text(`/sys/block/${name}/queue/rotational`)).trim() === "1",
      })),
  );
  return disks.filter((disk) => disk.sizeBytes > 0).slice(0, 256);
}

/** The machine's own interfaces and LAN bridges; not loopback, not what VMs and Indium's own networks bring. */
async function readNics(refusalOf: FactsOptions["bridgeRefusal"]): Promise<HostFacts["nics"]> {
  const root = "/sys/class/net";
  const names = await readdir(root).catch(() => []);
  const uplinks = defaultRouteInterfaces(await text("/proc/net/route"), await text("/proc/net/ipv6_route"));
  const addresses = networkInterfaces();
  const nics = await Promise.all(
    names.map(async (name) => {
      const path = join(root, name);
      const speed = Number((await text(join(path, "speed"))).trim());
      return {
        name,
        macAddress: (await text(join(path, "address"))).trim().slice(0, 17),
        addresses: (addresses[name] ?? []).map((address) => address.cidr ?? address.address).slice(0, 64),
        speedMbps: Number.isInteger(speed) && speed > 0 ? speed : null,
        up: (await text(join(path, "operstate"))).trim() === "up" || uplinks.has(name),
        uplink: uplinks.has(name),
        bridge: await exists(join(path, "bridge")),
        physical: await exists(join(path, "device")),
      };
    }),
  );
  const shown = nics
    .filter(
      (nic) =>
        nic.name !== "lo" && nic.name.length <= 15 && (nic.physical || nic.uplink || (nic.bridge && !nic.name.startsWith(BRIDGE_PREFIX))),
    )
    .slice(0, 256);
  return Promise.all(
    shown.map(async ({ physical: _, ...nic }) => {
      if (refusalOf === undefined || nic.bridge) return nic;
      // An interface that cannot be read now is looked at again in a minute; the others' facts count meanwhile.
      const refusal = await refusalOf(nic.name).catch(() => `${nic.name} could not be examined.`);
      return { ...nic, bridgeRefusal: refusal?.slice(0, 1_000) ?? null };
    }),
  );
}

/** 802.1Q is there, built in or loaded, or can be: the kernel loads it with the first VLAN. */
async function hasVlans(): Promise<boolean> {
  if (await exists("/proc/net/vlan")) return true;
  return (await run("modinfo", ["8021q"], { allowFailure: true, timeoutMs: 5_000 }).catch(() => null))?.code === 0;
}

async function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
