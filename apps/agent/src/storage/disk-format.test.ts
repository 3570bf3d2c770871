import { describe, expect, it } from "vitest";
import { SNIFF_BYTES, sniffDiskImage } from "./disk-format";

/** A qcow2 header of version 3 (docs/interop/qcow2.txt). */
function qcow2(changes: { backing?: bigint; incompatible?: bigint; crypt?: number; size?: bigint; version?: number } = {}): Buffer {
  const head = Buffer.alloc(SNIFF_BYTES);
  head.write("QFI\xfb", "latin1");
  head.writeUInt32BE(changes.version ?? 3, 4);
  head.writeBigUInt64BE(changes.backing ?? 0n, 8);
  head.writeUInt32BE(16, 20);
  head.writeBigUInt64BE(changes.size ?? 1n << 30n, 24);
  head.writeUInt32BE(changes.crypt ?? 0, 32);
  head.writeBigUInt64BE(changes.incompatible ?? 0n, 72);
  return head;
}
const at = (offset: number, text: string) => {
  const head = Buffer.alloc(SNIFF_BYTES);
  head.write(text, offset, "latin1");
  return head;
};

describe("a disk image", () => {
  it("is qcow2 by its header, with its virtual size", () => {
    expect(sniffDiskImage(qcow2(), "x")).toEqual({ format: "qcow2", virtualSizeBytes: 1 << 30 });
    expect(sniffDiskImage(qcow2({ version: 2 }), "x")).toEqual({ format: "qcow2", virtualSizeBytes: 1 << 30 });
    expect(sniffDiskImage(qcow2({ incompatible: 0b11001n }), "x")).toMatchObject({ format: "qcow2" });
  });

  it.each([
    ["an MBR", at(510, "\x55\xaa")],
    ["a GPT", at(512, "EFI PART")],
    ["an ISO 9660 descriptor", at(32_769, "CD001")],
  ])("is raw by %s", (_, head) => expect(sniffDiskImage(head, "x")).toEqual({ format: "raw" }));

  it.each([
    ["names a backing file", qcow2({ backing: 512n }), /another file/],
    ["keeps its data elsewhere", qcow2({ incompatible: 0b100n }), /another file/],
    ["is corrupt", qcow2({ incompatible: 0b10n }), /corrupt/],
    ["is encrypted", qcow2({ crypt: 1 }), /encrypted/],
    ["has features from the future", qcow2({ incompatible: 1n << 5n }), /unknown/],
    ["has a version from the future", qcow2({ version: 4 }), /version 4/],
    ["claims to be endless", qcow2({ size: 1n << 60n }), /out of bounds/],
    ["claims to be empty", qcow2({ size: 0n }), /out of bounds/],
    ["is cut short", qcow2().subarray(0, 60), /cut short/],
    ["is a web page", Buffer.from("\n<!DOCTYPE html><html>"), /web page/],
    ["is packed", Buffer.from("\xfd7zXZ\0...", "latin1"), /xz archive/],
    ["is VMware's", Buffer.from("KDMV"), /qemu-img convert/],
    ["is nothing", Buffer.alloc(0), /neither/],
    ["is noise", Buffer.alloc(SNIFF_BYTES, 7), /neither/],
  ])("is refused when it %s", (_, head, words) => {
    expect(() => sniffDiskImage(head, "x")).toThrow(words);
    try {
      sniffDiskImage(head, "x");
    } catch (error) {
      expect(error).toMatchObject({ code: "image_invalid" });
    }
  });
});
