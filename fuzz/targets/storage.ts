import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { AllowedHosts, isPublicAddress } from "../../apps/agent/src/storage/addresses";
import { findChecksum } from "../../apps/agent/src/storage/checksum-file";
import { readOverlayHeader, SNIFF_BYTES, sniffDiskImage } from "../../apps/agent/src/storage/disk-format";
import { download } from "../../apps/agent/src/storage/download";
import { redirected } from "../../apps/agent/src/storage/http-get";
import { readImageInfo } from "../../apps/agent/src/storage/inspect-image";
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

const INFO = {
  format: "qcow2",
  "virtual-size": 10_737_418_240,
  filename: "part",
  "cluster-size": 65_536,
  "actual-size": 200_704,
  "format-specific": { type: "qcow2", data: { compat: "1.1", "lazy-refcounts": false, "refcount-bits": 16, corrupt: false } },
  "dirty-flag": false,
};
const imageInfoTarget: Target = {
  name: "image-info",
  seeds: [
    { bytes: JSON.stringify(INFO) },
    { json: INFO },
    { json: { ...INFO, "backing-filename": "/etc/shadow" } },
    { json: { ...INFO, "format-specific": { data: { "data-file": "/etc/shadow" } } } },
    { json: { format: "raw", "virtual-size": 512 } },
  ],
  run: (input) => {
    const text = input.toString("utf8");
    return (["qcow2", "raw"] as const).map((format) => {
      try {
        return readImageInfo(text, format, "fuzzed");
      } catch (thrown) {
        if (isInvalid(thrown)) return null;
        throw thrown;
      }
    });
  },
  check: (value, input) => {
    const sizes = value as (number | null)[];
    if (sizes.some((size) => size !== null && !(Number.isSafeInteger(size) && size > 0))) return "a size that is none";
    return sizes.some((size) => size !== null) && needsAnotherFile(input) ? "an image that needs another file was taken" : null;
  },
};
const isInvalid = declaredCodes("image_invalid");

function needsAnotherFile(input: Buffer): boolean {
  const info = parsed(input) as Record<string, { data?: Record<string, unknown> }>;
  return typeof info["backing-filename"] === "string" || typeof info["format-specific"]?.data?.["data-file"] === "string";
}

const CENTRE = "https://indium.example:7780";
const redirectTarget: Target = {
  name: "redirect",
  seeds: [
    { json: { from: "https://images.example/disk.qcow2", location: "https://mirror.example/disk.qcow2?x=1#y" } },
    { json: { from: "https://images.example/a/disk.qcow2", location: "../b/disk.qcow2" } },
    { json: { from: "https://images.example/", location: "//indium.example:7780/api/images/x" } },
    { json: { from: "https://images.example/", location: "https://user:secret@INDIUM.example:7780/api" } },
    { json: { from: `${CENTRE}/api/images/x`, location: "/api/images/y" } },
    { json: { from: `${CENTRE}/api/images/x`, location: "http://169.254.169.254/latest/meta-data/" } },
    { json: { from: `${CENTRE}/api/images/x`, location: "file:///etc/shadow" } },
  ],
  run: (input) => {
    const value = parsed(input) as { from?: unknown; location?: unknown } | null;
    const { from, location } = { from: CENTRE, location: "", ...value };
    if (typeof location !== "string") return null;
    let start: URL;
    try {
      start = new URL(String(from).slice(0, 2_000));
    } catch {
      start = new URL(CENTRE);
    }
    const to = redirected(start, location, { trusted: { origin: CENTRE, tlsPin: null, bearerToken: "secret" } });
    return { from: start.origin, to: to.origin, href: to.href };
  },
  // A header of Node's has 16 KB at most; an escaped letter is three or, of four bytes, twelve.
  growth: 16,
  declared: declaredCodes("image_unavailable", "address_refused"),
  check: (value) => {
    if (value === null) return null;
    const { from, to } = value as { from: string; to: string };
    return (from === CENTRE) === (to === CENTRE) ? null : `a redirect led from ${from} to ${to}`;
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

export const STORAGE_TARGETS: readonly Target[] = [
  checksumTarget,
  diskTarget,
  imageInfoTarget,
  downloadTarget,
  redirectTarget,
  addressesTarget,
];
