import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import { type ProbeGuest, probeAcceleration } from "../drivers/qemu/acceleration";
import { createConfinement } from "../drivers/qemu/confinement";
import { createQemuHypervisor, qemuVersion } from "../drivers/qemu/hypervisor";
import { vmUser } from "../drivers/qemu/vm-user";
import type { Hypervisor } from "../drivers/types";
import type { AgentEnv } from "../env";
import { readHostFacts } from "../host/facts";
import { readHostCounters } from "../host/host-counters";
import type { HostParts } from "../host/host-parts";
import { hostResolvers } from "../host/resolvers";
import type { Membership } from "../link/identity";
import { LinkObserver } from "../link/link-witness";
import { createMetadataService } from "../metadata/service";
import { createHostShell } from "../network/host-shell";
import { readUplink } from "../network/lan-bridge/read-uplink";
import { bridgeRefusal } from "../network/lan-bridge/refusal";
import { createNetworkManager } from "../network/manager";
import { AgentOverlay } from "../overlay/agent-overlay";
import { createImageStore } from "../storage/image-store";
import { createVolumeStore } from "../storage/volume-store";
import { systemClock } from "../system/clock";
import type { Log } from "../system/log";
import { overlaySystem } from "../system/overlay-system";

/** What enrolment says of the hypervisor, before any of it is set up. @throws AppError `precondition_failed` without QEMU. */
export async function probeHypervisor(env: AgentEnv): Promise<Pick<Hypervisor, "kind" | "version" | "acceleration" | "limits">> {
  const version = await qemuVersion();
  return { kind: "qemu", version: `QEMU ${version}`, acceleration: await accelerate(env), limits: null };
}

/** This machine itself. @throws AppError `precondition_failed` naming what is missing and how to get it. */
export async function createRealParts(options: { env: AgentEnv; membership: Membership; log: Log }): Promise<HostParts> {
  const { env, membership, log } = options;
  const { stateDir } = env;
  const user = await vmUser();
  const confinement = await createConfinement(env.vmLimits);
  const hypervisor = await createQemuHypervisor({ stateDir, runDir: env.runDir, acceleration: await accelerate(env), user, confinement });
  const images = await createImageStore({
    dir: join(stateDir, "images"),
    centreOrigin: membership.origin,
    tlsPin: membership.tlsPin ?? undefined,
    allowPrivateHosts: env.allowPrivateImageHosts,
    owner: user,
  });
  const volumesDir = join(stateDir, "volumes");
  const volumes = await createVolumeStore({ dir: volumesDir, owner: user });
  const partLog = (level: "info" | "warning" | "error", message: string): void => log[level === "warning" ? "warn" : level](message);
  const metadata = createMetadataService({ log: partLog, resolvers: hostResolvers });
  const link = new LinkObserver();
  const shell = createHostShell(undefined);
  const networks = createNetworkManager({ stateDir, metadata, vmUid: user.uid, link, log: partLog });
  return {
    hypervisor,
    images,
    volumes,
    metadata,
    networks,
    link,
    overlay: async (wiring) =>
      new AgentOverlay({
        ...{ stateDir, hostId: membership.hostId, centrePublicKey: membership.centrePublicKey },
        key: await loadOrCreateKeyPair(join(stateDir, "keys", "overlay"), "x25519"),
        system: overlaySystem,
        clock: systemClock,
        listenPort: env.overlayPort,
        declaredEndpoint: env.overlayEndpoint,
        ...wiring,
      }),
    facts: () =>
      readHostFacts({
        hypervisor,
        storagePath: volumesDir,
        hostname: env.hostname,
        bridgeRefusal: async (name) => bridgeRefusal((await readUplink(shell, name)).signs),
      }),
    counters: () => readHostCounters(volumesDir),
  };
}

function accelerate(env: AgentEnv): ReturnType<typeof probeAcceleration> {
  return probeAcceleration({
    stateDir: env.stateDir,
    override: env.acceleration,
    guest: env.guestDir === null ? undefined : tinyIn(env.guestDir),
  });
}

/** Tiny as the build leaves it; the probe falls back to the host's own kernel when it is not there. */
function tinyIn(directory: string): ProbeGuest | undefined {
  const path = join(directory, "tiny.qcow2");
  return existsSync(path) ? { kind: "disk", path, format: "qcow2" } : undefined;
}
