import { join } from "node:path";
import { readHostFacts } from "../../host/facts";
import type { HostParts } from "../../host/host-parts";
import { LinkObserver } from "../../link/link-witness";
import { simulatedOverlay } from "../../overlay/host-overlay";
import { systemClock } from "../../system/clock";
import { SimulatedHypervisor } from "./simulated-hypervisor";
import { simulatedHostCounters } from "./simulated-load";
import { SimulatedMachine } from "./simulated-machine";
import { SimulatedMetadataService } from "./simulated-metadata";
import { SimulatedNetworkManager } from "./simulated-network";
import { simulatedNics } from "./simulated-nics";
import { SimulatedImageStore, SimulatedVolumeStore } from "./simulated-storage";

const GIB = 1024 ** 3;

/** A simulated host's parts: this machine's facts where they do no harm, a roomier machine where a small one would be in the way. */
export function createSimulatedParts(options: { stateDir: string; hostname: string }): { parts: HostParts; machine: SimulatedMachine } {
  const machine = new SimulatedMachine({ clock: systemClock, statePath: join(options.stateDir, "simulated.json") });
  const hypervisor = new SimulatedHypervisor(machine);
  const parts: HostParts = {
    hypervisor,
    networks: new SimulatedNetworkManager(machine),
    images: new SimulatedImageStore(machine),
    volumes: new SimulatedVolumeStore(machine),
    metadata: new SimulatedMetadataService(machine),
    link: new LinkObserver(),
    overlay: () => Promise.resolve(simulatedOverlay),
    facts: async () => ({
      ...(await readHostFacts({ hypervisor, storagePath: options.stateDir, hostname: options.hostname })),
      cpu: { model: "Simulated processor", sockets: 1, cores: 16, threads: 32 },
      memoryBytes: 64 * GIB,
      disks: [{ name: "sim0", model: "Simulated disk", sizeBytes: 2_000 * GIB, rotational: false }],
      nics: simulatedNics(options.hostname, machine.state.lanBridges),
      storage: { path: options.stateDir, sizeBytes: 2_000 * GIB },
    }),
    counters: () => Promise.resolve(simulatedHostCounters(machine, options.hostname)),
  };
  return { parts, machine };
}
