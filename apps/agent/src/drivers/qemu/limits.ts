import { MIB } from "@indium/contract/plain/bytes";

/**
 * What a VM's process may take of its host, so that one that runs wild (or is broken into) takes no more than was sold.
 * Control group v2's terms: Documentation/admin-guide/cgroup-v2.rst.
 */
export interface VmLimits {
  /** Beyond it the kernel ends this QEMU, and nothing else of the host. */
  readonly memoryMaxBytes: number;
  /** CPU time per second of wall time, in hundredths of one thread: 150 is one and a half. */
  readonly cpuQuotaPercent: number;
  /** Share when the host is full, 1…10000; 100 is what any other service has. */
  readonly cpuWeight: number;
  readonly tasksMax: number;
}

/** QEMU itself (heap, screen, queues of disks and NICs), with room: a limit met is a VM ended. Page cache counts too, and gives way by itself. */
const PROCESS_BYTES = 512 * MIB;
/** Under emulation also the code it translates: accel/tcg/region.c takes up to 1 GiB. */
const TRANSLATION_BYTES = 1024 * MIB;
/** Page tables and other bookkeeping grow with the guest's memory. */
const BOOKKEEPING_SHARE = 16;
/** The monitor, the screen and disk I/O run beside the processors. */
const BESIDE_PROCESSORS_PERCENT = 100;
/** QEMU's own pools (64 for disks, the screen's encoders) and io_uring's workers. */
const THREADS_BESIDE_PROCESSORS = 512;

export function vmLimits(vm: { vcpus: number; memoryBytes: number; acceleration: "kvm" | "tcg" }): VmLimits {
  const translation = vm.acceleration === "tcg" ? TRANSLATION_BYTES : 0;
  return {
    memoryMaxBytes: vm.memoryBytes + Math.ceil(vm.memoryBytes / BOOKKEEPING_SHARE) + PROCESS_BYTES + translation,
    cpuQuotaPercent: vm.vcpus * 100 + BESIDE_PROCESSORS_PERCENT,
    cpuWeight: Math.min(10_000, vm.vcpus * 100),
    tasksMax: vm.vcpus + THREADS_BESIDE_PROCESSORS,
  };
}
