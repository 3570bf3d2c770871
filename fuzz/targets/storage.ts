import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { AllowedHosts, isPublicAddress } from "../../apps/agent/src/storage/addresses";
import { findChecksum } from "../../apps/agent/src/storage/checksum-file";
import { readOverlayHeader, SNIFF_BYTES, sniffDiskImage } from "../../apps/agent/src/storage/disk-format";
import { download } from "../../apps/agent/src/storage/download";
import { parsed, type Target } from "../target";
import { declaredCodes, isAppError } from "./signed";

/** What image servers and images say to a host. */

const HASH = "0123456789abcdef".repeat(4);
const checksumTarget: Target = {
  name: "checksum-file",
  seeds: [
    { bytes: `${HASH}  disk.qcow2\n${"a".repeat(64)} *other\n` },
    { bytes: `# disk\nSHA256 (./x/disk.qcow2) = ${HASH}\n` },
    { bytes: HASH },
    { bytes: `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${HASH}${HASH}  disk.qcow2\n` },
  ],
  run: (input) => {
    const text = input.toString("utf8");
    return [
      findChecksum(text, "disk.qcow2", "sha256"),
      findChecksum(text, "disk.qcow2", "sha512"),
      findChecksum(text, "disk.qcow2", "sha256", true),
    ];
  },
  check: (value) =>
    (value as (string | null)[]).every(
      (hash, index) => hash === null || (/^[0-9a-f]+$/.test(hash) && hash.length === (index === 1 ? 128 : 64)),
    )
      ? null
      : "a checksum that is none",
};

function qcow2(version: number, size: bigint): Buffer {
  const head = Buffer.alloc(112);
  head.write("QFI\xfb", "latin1");
  head.writeUInt32BE(version, 4);
  head.writeUInt32BE(16, 20);
  head.writeBigUInt64BE(size, 24);
  head.writeUInt32BE(104, 100);
  return head;
}
const overlay = qcow2(3, 1n << 30n);
overlay.writeBigUInt64BE(104n, 8);
overlay.writeUInt32BE(8, 16);
overlay.write("/a/b.raw", 104);
const raw = Buffer.alloc(1_024);
raw.writeUInt16LE(0xaa55, 510);
raw.write("EFI PART", 512);

const diskTarget: Target = {
  name: "disk-header",
  seeds: [
    { bytes: qcow2(2, 1n << 30n) },
    { bytes: qcow2(3, 1n << 30n) },
    { bytes: overlay },
    { bytes: raw },
    { bytes: "\xfd7zXZ\0" },
    { bytes: "<!doctype html>" },
  ],
  run: (input) => {
    const head = input.subarray(0, SNIFF_BYTES);
    return { overlay: readOverlayHeader(head), sniffed: sniffDiskImage(head, "disk") };
  },
  declared: declaredCodes("image_invalid"),
  check: (value, input) => {
    if (value === null) return null;
    const { sniffed } = value as { sniffed: ReturnType<typeof sniffDiskImage> };
    if (sniffed.format === "raw") return null;
    if (input.readBigUInt64BE(8) !== 0n) return "takes a disk that stands on another file";
    return Number.isSafeInteger(sniffed.virtualSizeBytes) && sniffed.virtualSizeBytes > 0 ? null : "a size that is none";
  },
};

/** A server that answers a download as it likes, three times at most. */
const downloadTarget: Target = {
  name: "download",
  seeds: [
    { json: [{ status: 200, headers: { "content-length": "8", etag: '"a"' }, body: "01234567" }] },
    {
      json: [
        { status: 200, headers: { "content-length": "8", etag: '"a"' }, body: "0123" },
        { status: 206, headers: { "content-range": "bytes 4-7/8", "content-length": "4", etag: '"a"' }, body: "4567" },
      ],
    },
    {
      json: [
        { status: 200, headers: { "last-modified": "x" }, body: "0123" },
        { status: 416, headers: { "content-range": "bytes */4" }, body: "" },
      ],
    },
    { json: [{ status: 200, headers: {}, body: "x".repeat(150_000) }] },
    { json: [{ status: 206, headers: { "content-range": "bytes 0-3/4", etag: 'W/"a"' }, body: "0123" }] },
  ],
  run: async (input) => {
    const answers = [parsed(input)].flat();
    const directory = mkdtempSync(join(tmpdir(), `indium-fuzz-${process.pid}-`));
    try {
      const { hashes, sizeBytes } = await download({
        name: "fuzzed",
        path: join(directory, "part"),
        source: "fuzz",
        get: async () => response(answers.shift()),
        algorithms: ["sha256"],
        hashIsKnown: true,
        maxBytes: 100_000,
        exactBytes: null,
        freeBytes: async () => 1_000_000,
        reserveBytes: 0,
        signal: new AbortController().signal,
        onProgress: () => {},
        onHead: () => {},
        maxAttempts: 3,
        backoffMs: () => 0,
        stallMs: 60_000,
      });
      return { hashes, sizeBytes };
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
  declared: isAppError,
  share: 0.1,
  check: (value) => (value === null || (value as { sizeBytes: number }).sizeBytes <= 100_000 ? null : "took more than is taken"),
};

/** Header values are text or missing, as node:http hands them on; everything else is the server's. */
function response(answer: unknown): IncomingMessage {
  const { status, headers, body } = (typeof answer === "object" && answer !== null ? answer : {}) as Record<string, unknown>;
  const texts = Object.entries(typeof headers === "object" && headers !== null ? headers : {}).filter(
    ([, value]) => typeof value === "string",
  );
  const stream = Readable.from(typeof body === "string" && body !== "" ? [Buffer.from(body)] : []);
  return Object.assign(stream, {
    // httpGet lets no other status through.
    statusCode: [200, 206, 416].find((each) => each === status) ?? 200,
    headers: Object.fromEntries(texts),
  }) as unknown as IncomingMessage;
}

const addressesTarget: Target = {
  name: "image-address",
  seeds: [
    { bytes: "10.0.0.1" },
    { bytes: "2001:db8::1" },
    { bytes: "images.example/24" },
    { bytes: "::ffff:127.0.0.1" },
    { bytes: "10.0.0.0/8" },
  ],
  run: (input) => {
    const text = input.toString("latin1");
    return { open: isPublicAddress(text), allowed: new AllowedHosts([text]).allows("a.example", "127.0.0.1") };
  },
};

export const STORAGE_TARGETS: readonly Target[] = [checksumTarget, diskTarget, downloadTarget, addressesTarget];
