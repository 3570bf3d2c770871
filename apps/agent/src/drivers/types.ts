import type { Duplex } from "node:stream";
import type { WireError } from "@indium/contract/errors";
import type { Acceleration, HostFacts } from "@indium/contract/host";
import type { InstanceId } from "@indium/contract/ids";
import type { DesiredInstance } from "@indium/contract/instance";

/**
 * The hypervisor port. One `Hypervisor` per agent, one `VmHandle` per VM that exists as a process. The `qemu` adapter drives
 * real VMs; the `simulated` one keeps them in memory and is labelled so everywhere.
 *
 * Truth comes from QMP and the process, never from the agent's memory: `find` asks the running process.
 */
export interface Hypervisor {
  readonly kind: "qemu" | "simulated";
  readonly version: string | null;
  /** Probed once at start: usable KVM, else emulation, with the reason in words. */
  readonly acceleration: { readonly kind: Acceleration; readonly reason: string | null };
  /** What bounds VMs' memory and processor time on this host, for its page; null where that has no meaning. */
  readonly limits: NonNullable<HostFacts["vmLimits"]> | null;
  /** VMs whose process lives, whoever started it (an agent before a restart or a kill -9). */
  list(): Promise<readonly InstanceId[]>;
  /** Adopts a living VM: reconnects its monitor. Null when no process of it lives. */
  find(id: InstanceId): Promise<VmHandle | null>;
  /**
   * Starts the VM's process, paused or running, and returns once the monitor answers.
   * @throws AppError `hypervisor_failed` with the process's own last words as `detail`, `conflict` when its process lives already.
   */
  start(spec: VmSpec): Promise<VmHandle>;
  /** Removes what a dead or stopped VM left behind (sockets, pid file). Idempotent. Keeps the serial log. */
  clean(id: InstanceId): Promise<void>;
  /** Removes everything of the VM on this host but its volumes. Idempotent. */
  purge(id: InstanceId): Promise<void>;
  /** The last `bytes` of the serial log, which survives stops and reboots. */
  serialTail(id: InstanceId, bytes: number): Promise<{ text: string; totalBytes: number }>;
  /** As `serialTail`, byte for byte. */
  serialLog(id: InstanceId, bytes: number): Promise<Buffer>;
  /**
   * What the serial log has had since byte `from` (or nothing, and only where its end is), at most 256 KiB: of more only the end. The log is cut
   * now and then and starts again at 0. Null where nobody need look: a simulated guest never hangs.
   */
  serialSince(id: InstanceId, from: number | "end"): Promise<{ text: string; next: number } | null>;
  /** Keeps the newest picture that `VmHandle.photograph` took, also after the process ended. @returns when it was taken; null for none. */
  keepScreen(id: InstanceId): Promise<number | null>;
  /** The kept picture, a PNG of at most 2 MB. */
  lastScreen(id: InstanceId): Promise<{ png: Buffer; at: number } | null>;
  forgetScreen(id: InstanceId): Promise<void>;
}

export interface VmSpec {
  readonly instance: DesiredInstance;
  readonly disk: { readonly path: string; readonly format: "qcow2" | "raw" };
  /**
   * The kernel is handed over by QEMU, past firmware's search and boot loader: for guests of our own (Tiny) and tests. No image carries one, and no
   * document can ask for it.
   */
  readonly directKernel?: { readonly kernel: string; readonly initrd: string | null; readonly commandLine: string };
  /** One tap per NIC, made and filtered before the VM starts. */
  readonly taps: readonly { readonly nicId: string; readonly interfaceName: string; readonly macAddress: string }[];
}

export type VmRunState = "running" | "paused" | "shutdown" | "crashed";

export type VmEvent =
  | { readonly kind: "state"; readonly state: VmRunState }
  /** The guest shut itself down or was told to by ACPI; the process may still live until it is quit. */
  | { readonly kind: "guestShutdown" }
  | { readonly kind: "reset"; readonly byGuest: boolean }
  /** The guest's kernel said so through QEMU's panic device; the processors stand still. */
  | { readonly kind: "panicked" }
  /** The process ended. `lastWords` is its own stderr. */
  | { readonly kind: "exited"; readonly lastWords: string | null };

/** Since the interface came up; `received` by whoever's counters they are. */
export interface NetworkCounters {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
}

export interface DiskCounters {
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly reads: number;
  readonly writes: number;
}

/** Counters grow from the process's start on; null where the VM does not tell. */
export interface VmCounters {
  readonly cpuSeconds: number;
  /** Of the host's memory, page cache left out. */
  readonly memoryBytes: number;
  readonly guestMemoryUsedBytes: number | null;
  readonly disk: DiskCounters | null;
  /** As the guest sees it: `received` came into the guest. */
  readonly network: NetworkCounters | null;
}

export interface VmHandle {
  readonly instanceId: InstanceId;
  readonly pid: number;
  /** Ms since the epoch. */
  readonly startedAt: number;
  state(): Promise<VmRunState>;
  /** Presses the ACPI power button; returns at once. */
  powerButton(): Promise<void>;
  /** Ends the process: QMP quit, then SIGKILL after 5 s. Resolves when it is gone. */
  kill(): Promise<void>;
  reset(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** CPU seconds and resident bytes so far, from the process itself. */
  usage(): Promise<{ cpuSeconds: number; residentBytes: number }>;
  /** What it has done and holds, for the charts. `interfaces` are the host's, by name. @throws when the process is gone. */
  counters(interfaces: ReadonlyMap<string, NetworkCounters>): Promise<VmCounters>;
  /** A fresh connection to the VNC server (RFB from its first byte). */
  openVnc(): Promise<Duplex>;
  /** A fresh connection to the serial port. */
  openSerial(): Promise<Duplex>;
  /** Takes a picture of the screen, in the place of the one before; on the host only, and lost when the VM is cleaned up. */
  photograph(): Promise<void>;
  onEvent(listener: (event: VmEvent) => void): () => void;
  /** Lets go of the monitor without touching the VM. */
  release(): void;
}

export type { WireError };
