import { AppError } from "@indium/contract/errors";

/** As much of a file's beginning as `sniffDiskImage` wants: ISO 9660's descriptor lies behind 32 KiB. */
export const SNIFF_BYTES = 33 * 1024;
const MAX_VIRTUAL_BYTES = 64n * 1024n ** 4n;
const SECTOR = 512;

export type SniffedDisk = { readonly format: "qcow2"; readonly virtualSizeBytes: number } | { readonly format: "raw" };

const OTHER_FORMATS: readonly { readonly name: string; readonly at: number; readonly magic: string; readonly advice: string }[] = [
  { name: "an xz archive", at: 0, magic: "\xfd7zXZ\0", advice: "Unpack it first." },
  { name: "a gzip archive", at: 0, magic: "\x1f\x8b", advice: "Unpack it first." },
  { name: "a bzip2 archive", at: 0, magic: "BZh", advice: "Unpack it first." },
  { name: "a zstd archive", at: 0, magic: "\x28\xb5\x2f\xfd", advice: "Unpack it first." },
  { name: "a zip archive", at: 0, magic: "PK\x03\x04", advice: "Unpack it first." },
  { name: "a VMware disk", at: 0, magic: "KDMV", advice: "Convert it: qemu-img convert -O qcow2 disk.vmdk disk.qcow2" },
  { name: "a Hyper-V disk", at: 0, magic: "vhdxfile", advice: "Convert it: qemu-img convert -O qcow2 disk.vhdx disk.qcow2" },
  { name: "a VirtualBox disk", at: 0x40, magic: "\x7f\x10\xda\xbe", advice: "Convert it: qemu-img convert -O qcow2 disk.vdi disk.qcow2" },
];

/**
 * Says from its first bytes whether a file is a disk that a VM can boot from.
 *
 * Hostile images name a backing or data file in their header, and QEMU would open it (a host's /etc/shadow as the guest's disk):
 * they are refused here, before any program of QEMU's sees them. Format: docs/interop/qcow2.txt in QEMU's source.
 * @throws AppError `image_invalid` saying what it is instead.
 */
export function sniffDiskImage(head: Buffer, name: string): SniffedDisk {
  if (startsWith(head, 0, "QFI\xfb")) return { format: "qcow2", virtualSizeBytes: qcow2VirtualSize(head, name) };
  const other = OTHER_FORMATS.find(({ at, magic }) => startsWith(head, at, magic));
  if (other !== undefined) throw invalid(name, `it is ${other.name}. ${other.advice}`);
  if (/^\s*<(!doctype|html|\?xml)/i.test(head.subarray(0, 256).toString("latin1"))) throw invalid(name, "it is a web page. Check the URL.");
  if (startsWith(head, SECTOR - 2, "\x55\xaa") || startsWith(head, SECTOR, "EFI PART") || startsWith(head, 32 * 1024 + 1, "CD001"))
    return { format: "raw" };
  throw invalid(name, "it is neither qcow2 nor a raw disk with a partition table. Check the URL.");
}

function qcow2VirtualSize(head: Buffer, name: string): number {
  if (head.length < 72) throw invalid(name, "its qcow2 header is cut short.");
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw invalid(name, `it is qcow2 of the unknown version ${version}.`);
  if (head.readBigUInt64BE(8) !== 0n)
    throw invalid(name, "it is an overlay that needs another file. Flatten it: qemu-img convert -O qcow2");
  if (head.readUInt32BE(32) !== 0) throw invalid(name, "it is encrypted.");
  if (version === 3) {
    if (head.length < 104) throw invalid(name, "its qcow2 header is cut short.");
    const incompatible = head.readBigUInt64BE(72);
    if ((incompatible & 0b10n) !== 0n) throw invalid(name, "it marks itself as corrupt. Mend it: qemu-img check -r all");
    if ((incompatible & 0b100n) !== 0n) throw invalid(name, "it keeps its data in another file. Flatten it: qemu-img convert -O qcow2");
    if (incompatible >> 5n !== 0n) throw invalid(name, "it uses qcow2 features that are unknown here.");
  }
  const size = head.readBigUInt64BE(24);
  if (size === 0n || size > MAX_VIRTUAL_BYTES) throw invalid(name, `its size of ${size} bytes is out of bounds.`);
  return Number(size);
}

/** Of an overlay of our own: its size and the file it stands on. Null when this is no qcow2. */
export function readOverlayHeader(head: Buffer): { virtualSizeBytes: number; basePath: string | null } | null {
  if (head.length < 72 || !startsWith(head, 0, "QFI\xfb")) return null;
  const offset = Number(head.readBigUInt64BE(8));
  const length = head.readUInt32BE(16);
  const basePath = offset === 0 || length > 1_023 ? null : head.subarray(offset, offset + length).toString("utf8");
  return { virtualSizeBytes: Number(head.readBigUInt64BE(24)), basePath };
}

function startsWith(head: Buffer, at: number, magic: string): boolean {
  return head.subarray(at, at + magic.length).equals(Buffer.from(magic, "latin1"));
}

export function invalid(name: string, why: string): AppError {
  return new AppError("image_invalid", `The image ${name} is no disk image that can be used: ${why}`);
}

/** QEMU rounds a raw file up to whole sectors. */
export function rawVirtualSize(sizeBytes: number): number {
  return Math.ceil(sizeBytes / SECTOR) * SECTOR;
}
