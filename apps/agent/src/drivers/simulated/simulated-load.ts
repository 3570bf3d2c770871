import type { InstanceId } from "@indium/contract/ids";
import type { HostCounters } from "../../host/host-counters";
import type { VmCounters } from "../types";
import type { SimulatedMachine } from "./simulated-machine";

const GIB = 1024 ** 3;
const THREADS = 32;

/**
 * A counter whose rate moves gently between `low` and `high` per second: the wave's integral, so that it only grows and two readings of
 * any distance agree with it. Busy guests and idle ones differ by their phase.
 */
function grows(seconds: number, low: number, high: number, periodSeconds: number, phase: number): number {
  const angle = (at: number) => (2 * Math.PI * at) / periodSeconds + phase;
  const wave = (periodSeconds / (2 * Math.PI)) * (Math.sin(angle(seconds)) - Math.sin(angle(0)));
  return low * seconds + ((high - low) / 2) * (seconds - wave);
}

const phaseOf = (name: string): number => [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 628, 7) / 100;

/** What a simulated guest has done since it started; null when there is none. */
export function simulatedVmCounters(machine: SimulatedMachine, id: InstanceId): VmCounters | null {
  const vm = machine.vm(id);
  if (vm === null) return null;
  const seconds = Math.max(0, (machine.clock.now() - vm.startedAt) / 1_000);
  const phase = phaseOf(id);
  const share = vm.vcpus * (0.3 + phase / 10);
  const warm = Math.min(1, seconds / 300);
  return {
    cpuSeconds: grows(seconds, 0.03 * vm.vcpus, share, 240 + 60 * phase, phase),
    memoryBytes: Math.round(vm.memoryBytes * (0.2 + 0.4 * warm)),
    guestMemoryUsedBytes: Math.round(vm.memoryBytes * (0.12 + 0.3 * warm + 0.05 * Math.sin(seconds / 70 + phase))),
    disk: {
      readBytes: grows(seconds, 0, 4e6, 300, phase),
      reads: grows(seconds, 0, 120, 300, phase),
      writtenBytes: grows(seconds, 2e4, 9e6, 410, phase + 1),
      writes: grows(seconds, 2, 260, 410, phase + 1),
    },
    network: {
      receivedBytes: grows(seconds, 500, 3e6, 190, phase + 2),
      receivedPackets: grows(seconds, 3, 2_600, 190, phase + 2),
      sentBytes: grows(seconds, 400, 8e5, 230, phase + 3),
      sentPackets: grows(seconds, 2, 1_100, 230, phase + 3),
    },
  };
}

/** The simulated host's own: waves of a machine of 32 threads, and its guests' memory and disks. */
export function simulatedHostCounters(machine: SimulatedMachine, hostname: string): HostCounters {
  // Since a whole day that every agent knows: a restart moves nothing.
  const seconds = (machine.clock.now() - Date.UTC(2026, 0, 1)) / 1_000;
  const phase = phaseOf(hostname);
  const guests = (Object.keys(machine.state.vms) as InstanceId[]).flatMap((id) => simulatedVmCounters(machine, id) ?? []);
  const volumes = Object.values(machine.state.volumes).reduce((sum, bytes) => sum + bytes, 0);
  const uplink = {
    receivedBytes: grows(seconds, 2e4, 3e7, 350, phase),
    receivedPackets: grows(seconds, 40, 2.4e4, 350, phase),
    sentBytes: grows(seconds, 2e4, 1.2e7, 520, phase + 1),
    sentPackets: grows(seconds, 40, 1.1e4, 520, phase + 1),
  };
  return {
    cpu: { busy: grows(seconds, 1.5, 9, 420, phase), total: seconds * THREADS },
    threads: THREADS,
    memoryUsedBytes: 3 * GIB + guests.reduce((sum, guest) => sum + guest.memoryBytes, 0),
    storageUsedBytes: Math.round(120 * GIB + volumes * 0.3),
    disks: new Map([
      [
        "sim0",
        {
          readBytes: grows(seconds, 1e4, 6e7, 610, phase + 2),
          reads: grows(seconds, 1, 900, 610, phase + 2),
          writtenBytes: grows(seconds, 1e5, 9e7, 480, phase),
          writes: grows(seconds, 5, 1_500, 480, phase),
        },
      ],
    ]),
    uplinks: new Map([["eth0", uplink]]),
    interfaces: new Map(),
  };
}
