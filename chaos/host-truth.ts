import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ownerTag } from "../apps/agent/src/network/names";
import { startTimeOf } from "../scripts/launcher/processes";
import type { Mode } from "./plan";

/** One VM as the host itself knows it, past agent and database. */
export interface VmTruth {
  readonly pid: number;
  /** Together with the pid names one life of one process; for simulated VMs also one boot of the guest. */
  readonly life: string;
  readonly state: "running" | "paused" | "other";
}

export interface HostTruth {
  vm(instanceId: string): VmTruth | null;
  /** Everything on the hosts that belongs to an instance, by what it is: for the search for orphans. */
  belongings(): readonly { readonly what: string; readonly instanceId: string | null }[];
}

export const hostTruth = (stateDir: string, mode: Mode): HostTruth => (mode === "real" ? realHost(stateDir) : simulatedHosts(stateDir));

const listed = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

function qemus(stateDir: string): { pid: number; instanceId: string }[] {
  const found: { pid: number; instanceId: string }[] = [];
  for (const name of listed("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
      if (!/^[^\0]*qemu-system/.test(command) || !command.includes(`${stateDir}/agent`)) continue;
      found.push({ pid: Number(name), instanceId: /i-[0-9a-f]{17}/.exec(command)?.[0] ?? "?" });
    } catch {
      // It ended between the listing and the look.
    }
  }
  return found;
}

function realHost(stateDir: string): HostTruth {
  return {
    vm: (instanceId) => {
      // Two of one instance are an orphan, found by `belongings`.
      const first = qemus(stateDir).find((qemu) => qemu.instanceId === instanceId);
      if (first === undefined) return null;
      return { pid: first.pid, life: `${first.pid}/${startTimeOf(first.pid)}`, state: "running" };
    },
    belongings: () => {
      const found: { what: string; instanceId: string | null }[] = [];
      for (const { pid, instanceId } of qemus(stateDir)) found.push({ what: `process ${pid}`, instanceId });
      for (const name of listed(join(stateDir, "agent/vms")))
        if (name.startsWith("i-")) found.push({ what: `folder vms/${name}`, instanceId: name });
      for (const name of listed(join(stateDir, "agent/ledger/instances")))
        found.push({ what: `ledger ${name}`, instanceId: /^i-[0-9a-f]{17}/.exec(name)?.[0] ?? null });
      // What names no instance by itself is counted only when no instance is left.
      for (const name of listed(join(stateDir, "agent/volumes")))
        if (name.startsWith("vol-")) found.push({ what: `file volumes/${name}`, instanceId: null });
      for (const link of JSON.parse(execFileSync("ip", ["-j", "link", "show"], { encoding: "utf8" })) as { ifname: string }[])
        if (/^(it|im)[0-9a-f]/.test(link.ifname)) found.push({ what: `interface ${link.ifname}`, instanceId: null });
      const mine = `indium-md-${ownerTag(join(stateDir, "agent"))}-`;
      for (const name of listed("/run/netns")) if (name.startsWith(mine)) found.push({ what: `namespace ${name}`, instanceId: null });
      for (const line of execFileSync("nft", ["list", "tables"], { encoding: "utf8" }).split("\n"))
        if (line.startsWith("table netdev")) found.push({ what: `nft ${line}`, instanceId: null });
      return found;
    },
  };
}

interface SimulatedState {
  vms: Record<string, { pid: number; bootedAt: number; state: string }>;
  volumes: Record<string, number>;
  nics: Record<string, { instanceId: string }>;
}

function simulatedHosts(stateDir: string): HostTruth {
  const root = join(stateDir, "simulated");
  const hosts = (): { name: string; state: SimulatedState }[] =>
    listed(root).flatMap((name) => {
      try {
        return [{ name, state: JSON.parse(readFileSync(join(root, name, "simulated.json"), "utf8")) as SimulatedState }];
      } catch {
        return [];
      }
    });
  return {
    vm: (instanceId) => {
      const vm = hosts()
        .map(({ state }) => state.vms[instanceId])
        .find((one) => one !== undefined);
      if (vm === undefined) return null;
      return { pid: vm.pid, life: `${vm.pid}/${vm.bootedAt}`, state: vm.state === "running" || vm.state === "paused" ? vm.state : "other" };
    },
    belongings: () =>
      hosts().flatMap(({ name, state }) => [
        ...Object.keys(state.vms).map((id) => ({ what: `VM on ${name}`, instanceId: id })),
        ...Object.values(state.nics).map((nic) => ({ what: `NIC on ${name}`, instanceId: nic.instanceId })),
        ...Object.keys(state.volumes).map((id) => ({ what: `volume ${id} on ${name}`, instanceId: null })),
        ...listed(join(root, name, "ledger/instances")).map((file) => ({
          what: `ledger of ${name}`,
          instanceId: /^i-[0-9a-f]{17}/.exec(file)?.[0] ?? null,
        })),
      ]),
  };
}
