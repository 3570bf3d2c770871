import { z } from "zod";
import { PeerPath } from "./direct";
import { HostId, InstanceId } from "./ids";
import { METRIC_SAMPLES_PER_MESSAGE, MetricSample } from "./metrics";
import { HostPath } from "./overlay";
import { RelayName } from "./relays";

export const Acceleration = z.enum(["kvm", "tcg", "simulated"]);
export type Acceleration = z.infer<typeof Acceleration>;

export const HostFacts = z.object({
  hostname: z.string().max(253),
  operatingSystem: z.string().max(200),
  kernel: z.string().max(200),
  architecture: z.string().max(20),
  agentVersion: z.string().max(50),
  /** The driver kind: `simulated` is labelled so everywhere. */
  driver: z.enum(["qemu", "simulated"]),
  hypervisorVersion: z.string().max(200).nullable(),
  acceleration: Acceleration,
  /** Why it is not KVM, in words for the page; null when it is. */
  accelerationReason: z.string().max(500).nullable(),
  /** What bounds each VM's memory and processor time, and why nothing does. Absent: an older agent, or a simulated one. */
  vmLimits: z.object({ kind: z.enum(["systemd", "cgroup", "none"]), reason: z.string().max(500).nullable() }).optional(),
  /** Whether networks can be VLANs here: the kernel has 802.1Q. Absent: an agent that knows none. */
  vlans: z.boolean().optional(),
  /** Whether instances' disks grow and are replaced here. Absent: an agent that knows neither. */
  changesDisks: z.boolean().optional(),
  cpu: z.object({
    model: z.string().max(200),
    sockets: z.number().int().min(1),
    cores: z.number().int().min(1),
    threads: z.number().int().min(1),
  }),
  memoryBytes: z.number().int().positive(),
  disks: z
    .array(
      z.object({
        name: z.string().max(100),
        model: z.string().max(200).nullable(),
        sizeBytes: z.number().int().min(0),
        rotational: z.boolean(),
      }),
    )
    .max(256),
  nics: z
    .array(
      z.object({
        name: z.string().max(15),
        macAddress: z.string().max(17),
        addresses: z.array(z.string().max(64)).max(64),
        speedMbps: z.number().int().nullable(),
        up: z.boolean(),
        /** It carries the default route: Indium never touches its addresses, unless asked to make a bridge of it. */
        uplink: z.boolean(),
        bridge: z.boolean(),
        /** Why no LAN bridge can be made of it, with what to do instead; null when it can. Agents of before do not say: they cannot. */
        bridgeRefusal: z.string().max(1_000).nullable().optional(),
      }),
    )
    .max(256),
  /** Where instances' disks live. */
  storage: z.object({ path: z.string().max(500), sizeBytes: z.number().int().min(0) }),
  bootedAt: z.number().int().positive(),
  /** What preflight found that an administrator should know (Docker, ufw, no bridge conntrack…), with the fix. */
  warnings: z.array(z.object({ code: z.string().max(60), message: z.string().max(1_000), fix: z.string().max(1_000).nullable() })).max(50),
});
export type HostFacts = z.infer<typeof HostFacts>;

/** Of a host with more pairs the first ones are told. */
export const MAX_PEERS_TOLD = 200;

/** A sample of use; volatile, never queued. Rates are over the time since the sample before. */
export const HostUsage = z.object({
  at: z.number().int().positive(),
  /** 0..1 of all threads. */
  cpuFraction: z.number().min(0).max(1),
  memoryUsedBytes: z.number().int().min(0),
  storageUsedBytes: z.number().int().min(0),
  networkReceivedBytesPerSecond: z.number().min(0),
  networkSentBytesPerSecond: z.number().min(0),
  instances: z.array(z.object({ instanceId: InstanceId, cpuFraction: z.number().min(0), memoryBytes: z.number().int().min(0) })).max(2_000),
  /** Absent: an agent of before, which knows the websocket only. */
  path: HostPath.optional(),
  /** The relay where it has a second link ready. Null: none just now. Absent: there is one relay only, or an agent of before. */
  standby: RelayName.nullable().optional(),
  /** The ways to the hosts it is paired with. Absent: it has no pair, or an agent of before. */
  peers: z.array(PeerPath).max(MAX_PEERS_TOLD).optional(),
});
export type HostUsage = z.infer<typeof HostUsage>;

/** Payload of a `host-usage` envelope. `number` grows within a link, so that an older sample cannot be shown again as the newest. */
export const SignedUsage = z.object({
  hostId: HostId,
  linkEpoch: z.number().int().min(1),
  number: z.number().int().min(1).max(2_147_483_647),
  usage: HostUsage,
  /** For the charts: each goes along until the relay says that the centre took it. Absent: nothing new, or an agent of before. */
  metrics: z.array(MetricSample).max(METRIC_SAMPLES_PER_MESSAGE).optional(),
});
export type SignedUsage = z.infer<typeof SignedUsage>;

/** Of a sample's payload: 2,000 instances, their metrics twice, and room. A relay batches many hosts' samples into one call. */
export const MAX_USAGE_CHARACTERS = 1_200_000;
