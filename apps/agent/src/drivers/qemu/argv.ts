import { AppError } from "@indium/contract/errors";
import { InterfaceName, MacAddress } from "@indium/contract/network";
import { MIB } from "@indium/contract/plain/bytes";
import type { VmSpec } from "../types";
import { systemStrings } from "./identity";
import type { VmPaths } from "./paths";

export interface ArgvOptions {
  /** Versioned (`pc-q35-7.2`), chosen at the VM's first start and kept: the guest's hardware does not change under it. */
  readonly machineType: string;
  readonly acceleration: "kvm" | "tcg";
  readonly vhost: boolean;
  /** UEFI code (read-only, the distribution's) and this VM's own variables; null is BIOS. */
  readonly uefi: { readonly code: string; readonly vars: string } | null;
  readonly paths: VmPaths;
}

/** Every device has its slot, for ever: an interface's or a disk's name inside the guest follows from it. */
const SLOT = { vga: 0x01, rng: 0x02, serialBus: 0x03, usb: 0x04, balloon: 0x05, rootDisk: 0x06, firstNic: 0x10 } as const;

/**
 * SeaBIOS then shows its screen on the serial port as well (src/fw/paravirt.c: etc/sercon-port), "No bootable device" and GRUB's
 * rescue prompt with it; the VGA stays. OVMF prints on both anyway.
 */
const SERIAL_FIRMWARE = "graphics=off";

/**
 * What the guest copies and the console's viewer pastes, by SPICE's agent in the guest and VNC's extended clipboard outside. Only where it
 * is wished for: "The vdagent chardev doesn't yet support migration" (QEMU's ui/vdagent.c).
 */
const CLIPBOARD_ARGS = [
  ...["-chardev", "qemu-vdagent,id=vdagent0,name=vdagent,clipboard=on"],
  ...["-device", "virtserialport,id=vdagent,bus=serialbus.0,nr=2,chardev=vdagent0,name=com.redhat.spice.0"],
];

/**
 * QEMU's arguments for a VM: data in, list out, nothing asked of the machine.
 *
 * A guest's own power-off pauses QEMU in the state `shutdown` instead of ending it (`-action shutdown=pause`): the agent, also
 * one that starts afterwards, can tell it from a crash, and quits QEMU itself.
 */
export function qemuArgv(spec: VmSpec, options: ArgvOptions): string[] {
  const { instance, disk } = spec;
  const { paths } = options;
  const secureBoot = options.uefi !== null && instance.secureBoot === true;
  const pflash = options.uefi === null ? "" : ",pflash0=uefi-code,pflash1=uefi-vars";
  return [
    "-name",
    `guest=${instance.id},debug-threads=on`,
    "-nodefaults",
    "-no-user-config",
    ...["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ...["-machine", `${options.machineType},vmport=off,dump-guest-core=off,${SERIAL_FIRMWARE}${secureBoot ? ",smm=on" : ""}${pflash}`],
    ...accelerationArgs(options.acceleration),
    ...["-smp", `cpus=${instance.vcpus},sockets=1,cores=${instance.vcpus},threads=1`],
    ...["-m", `size=${Math.floor(instance.memoryBytes / MIB)}M`],
    ...["-uuid", instance.guestUuid],
    ...["-smbios", `type=1,${smbios(systemStrings(instance))}`],
    ...["-rtc", "base=utc"],
    ...["-boot", "menu=off,strict=on"],
    ...["-action", "shutdown=pause,panic=pause,reboot=reset"],
    ...(instance.desired === "paused" ? ["-S"] : []),
    ...uefiArgs(options.uefi),
    // The variables can be written from system management mode alone, or Secure Boot could be switched off by any kernel.
    ...(secureBoot ? ["-global", "driver=cfi.pflash01,property=secure,value=on"] : []),
    ...kernelArgs(spec.directKernel),
    ...(instance.tpm === true ? tpmArgs(paths.tpmSocket) : []),
    ...diskArgs(disk, instance.rootVolume.id, spec.directKernel === undefined),
    ...spec.taps.flatMap((tap, index) => nicArgs(tap, index, options.vhost)),
    ...["-object", "rng-random,id=rng0,filename=/dev/urandom"],
    ...["-device", `virtio-rng-pci,id=rng,rng=rng0,${slot(SLOT.rng)}`],
    // Never inflated: its driver tells how much memory the guest uses (vm-meter.ts).
    ...["-device", `virtio-balloon-pci,id=balloon,${slot(SLOT.balloon)}`],
    // Tells of a kernel panic (GUEST_PANICKED); Linux and Windows bring the driver along.
    ...["-device", "pvpanic"],
    // One whose size the guest's driver changes when the viewer's window does, and that is a plain VGA to a guest without it.
    ...["-device", `${instance.desktop === true ? "virtio-vga" : "VGA"},id=vga,${slot(SLOT.vga)}`],
    // Absolute pointer positions: without it the browser's pointer and the guest's drift apart.
    ...["-device", `qemu-xhci,id=usb,${slot(SLOT.usb)}`, "-device", "usb-tablet,id=tablet,bus=usb.0"],
    ...["-vnc", `unix:${comma(paths.vncSocket)}`],
    ...[
      "-chardev",
      `socket,id=serial0,path=${comma(paths.serialSocket)},server=on,wait=off,logfile=${comma(paths.serialLog)},logappend=on`,
      "-serial",
      "chardev:serial0",
    ],
    ...["-device", `virtio-serial-pci,id=serialbus,${slot(SLOT.serialBus)}`],
    ...["-chardev", `socket,id=qga0,path=${comma(paths.guestAgentSocket)},server=on,wait=off`],
    ...["-device", "virtserialport,id=qga,bus=serialbus.0,nr=1,chardev=qga0,name=org.qemu.guest_agent.0"],
    ...(instance.desktop === true ? CLIPBOARD_ARGS : []),
    ...monitorArgs("qmp0", paths.qmpSocket),
    ...monitorArgs("qmp1", paths.qmpSocketSpare),
  ];
}

function smbios(strings: Readonly<Record<string, string>>): string {
  return Object.entries(strings)
    .map(([name, value]) => `${name}=${comma(value)}`)
    .join(",");
}

function accelerationArgs(acceleration: "kvm" | "tcg"): string[] {
  return acceleration === "kvm" ? ["-accel", "kvm", "-cpu", "host"] : ["-accel", "tcg,thread=multi", "-cpu", "max"];
}

function uefiArgs(uefi: ArgvOptions["uefi"]): string[] {
  if (uefi === null) return [];
  const flash = (node: string, path: string, readOnly: boolean) =>
    JSON.stringify({ driver: "raw", "node-name": node, "read-only": readOnly, file: { driver: "file", filename: path } });
  return ["-blockdev", flash("uefi-code", uefi.code, true), "-blockdev", flash("uefi-vars", uefi.vars, false)];
}

function kernelArgs(kernel: VmSpec["directKernel"]): string[] {
  if (kernel === undefined) return [];
  return ["-kernel", kernel.kernel, ...(kernel.initrd === null ? [] : ["-initrd", kernel.initrd]), "-append", kernel.commandLine];
}

function tpmArgs(socket: string): string[] {
  return [
    ...["-chardev", `socket,id=tpm0,path=${comma(socket)}`],
    ...["-tpmdev", "emulator,id=tpm,chardev=tpm0"],
    ...["-device", "tpm-crb,tpmdev=tpm"],
  ];
}

function diskArgs(disk: VmSpec["disk"], volumeId: string, bootsFromIt: boolean): string[] {
  return [
    ...["-blockdev", JSON.stringify({ driver: "file", "node-name": "root-file", filename: disk.path, discard: "unmap" })],
    ...["-blockdev", JSON.stringify({ driver: disk.format, "node-name": "root", file: "root-file", discard: "unmap" })],
    ...[
      "-device",
      `virtio-blk-pci,id=disk0,drive=root,${bootsFromIt ? "bootindex=0," : ""}serial=${diskSerial(volumeId)},${slot(SLOT.rootDisk)}`,
    ],
  ];
}

/** virtio-blk's serial holds 20 bytes (VIRTIO_BLK_ID_BYTES): the volume's id without its hyphen, as EBS does. */
export function diskSerial(volumeId: string): string {
  return volumeId.replace("-", "");
}

function nicArgs(tap: VmSpec["taps"][number], index: number, vhost: boolean): string[] {
  const name = InterfaceName.safeParse(tap.interfaceName);
  const mac = MacAddress.safeParse(tap.macAddress);
  if (!name.success || !mac.success) {
    throw new AppError("bad_request", `The interface of ${tap.nicId} has an illegal name or MAC address on this host.`);
  }
  return [
    "-netdev",
    `tap,id=net${index},ifname=${name.data},script=no,downscript=no,vhost=${vhost ? "on" : "off"}`,
    "-device",
    `virtio-net-pci,id=nic${index},netdev=net${index},mac=${mac.data},romfile=,${slot(SLOT.firstNic + index)}`,
  ];
}

function monitorArgs(id: string, path: string): string[] {
  return ["-chardev", `socket,id=${id},path=${comma(path)},server=on,wait=off`, "-mon", `chardev=${id},mode=control`];
}

function slot(number: number): string {
  return `bus=pcie.0,addr=0x${number.toString(16).padStart(2, "0")}`;
}

/** QEMU's option syntax ends a value at a comma; a doubled one stands for itself (qemu(1), "-drive"). */
function comma(value: string): string {
  return value.replaceAll(",", ",,");
}
