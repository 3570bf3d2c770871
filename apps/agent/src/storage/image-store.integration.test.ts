import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppError } from "@indium/contract/errors";
import type { DesiredImage } from "@indium/contract/image";
import { newId } from "@indium/contract/plain/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type VmUser, vmUser } from "../drivers/qemu/vm-user";
import { run } from "../system/exec";
import { createImageStore, type ImageStoreOptions } from "./image-store";
import type { ImageStore } from "./types";

const reason = existsSync("/usr/bin/qemu-img") ? null : "qemu-img is not installed";
if (reason !== null) console.warn(`Image store: skipped, ${reason}.`);
const root = process.getuid?.() === 0;
if (!root) console.warn("Image store on a full disk: skipped, not root.");

const sha = (data: Buffer, algorithm = "sha256") => createHash(algorithm).update(data).digest("hex");
/** Three MiB of a raw disk. */
const disk = randomBytes(3 * 1024 * 1024);
disk.writeUInt16LE(0xaa55, 510);

let directory: string;
let server: Server;
let base: string;
let user: VmUser;
let requests: { path: string; range: string | undefined; ifRange: string | undefined }[];
let handlers: Record<string, (request: IncomingMessage, response: ServerResponse) => void>;

const options = (changes: Partial<ImageStoreOptions> = {}): ImageStoreOptions => ({
  dir: join(directory, "images"),
  centreOrigin: "http://127.0.0.1:1",
  allowPrivateHosts: ["127.0.0.1"],
  owner: user,
  reserveBytes: 0,
  maxAttempts: 3,
  backoffMs: () => 1,
  stallMs: 300,
  ...changes,
});
const store = (changes: Partial<ImageStoreOptions> = {}) => createImageStore(options(changes));
const image = (path: string, changes: Partial<DesiredImage> = {}): DesiredImage => ({
  id: newId("image"),
  name: "test",
  sha256: null,
  sizeBytes: null,
  source: { kind: "url", url: `${base}${path}` },
  ...changes,
});
const withChecksum = (path: string, checksumPath: string, algorithm: "sha256" | "sha512" = "sha256") =>
  image(path, {
    source: { kind: "url", url: `${base}${path}`, checksum: { url: `${base}${checksumPath}`, algorithm, fileName: "disk.raw" } },
  });
const bring = (images: ImageStore, wanted: DesiredImage) =>
  images.ensure(wanted, { signal: new AbortController().signal, onProgress: () => {} });
const failure = async (images: ImageStore, wanted: DesiredImage): Promise<AppError> =>
  bring(images, wanted).then(
    () => expect.fail("it was taken"),
    (error: AppError) => error,
  );
/** What is left that is no finished image. */
const leftovers = () => readdirSync(join(directory, "images", "partial"));

/** Answers ranges like any server. */
function serve(data: Buffer, extra: Record<string, string> = { etag: '"v1"' }) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const changed = request.headers["if-range"] !== undefined && request.headers["if-range"] !== extra.etag;
    if (start === 0 || changed) {
      response.writeHead(200, { "content-length": data.length, ...extra });
      response.end(data);
      return;
    }
    response.writeHead(206, {
      "content-length": data.length - start,
      "content-range": `bytes ${start}-${data.length - 1}/${data.length}`,
      ...extra,
    });
    response.end(data.subarray(start));
  };
}
/** Sends only so much of what it announced, then breaks the connection; whole from the given try on. */
function cutting(data: Buffer, afterBytes: number, wholeFrom: number, extra?: Record<string, string>) {
  let tries = 0;
  return (request: IncomingMessage, response: ServerResponse) => {
    tries += 1;
    if (tries >= wholeFrom) {
      serve(data, extra)(request, response);
      return;
    }
    response.writeHead(200, { "content-length": data.length, ...(extra ?? { etag: '"v1"' }) });
    response.write(data.subarray(0, afterBytes), () => setTimeout(() => response.destroy(), 50));
  };
}

describe.skipIf(reason !== null)("the image store", () => {
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), `indium-images-${process.pid}-`));
    mkdirSync(join(directory, "images"));
    user = await vmUser();
    // The test's own folder is the agent's state directory here.
    const { ensureReachable } = await import("./access");
    await ensureReachable(directory, user);
    requests = [];
    handlers = {};
    server = createServer((request, response) => {
      const path = request.url ?? "";
      requests.push({ path, range: request.headers.range, ifRange: request.headers["if-range"] as string | undefined });
      const handler = handlers[path.split("?")[0] ?? ""];
      if (handler === undefined) response.writeHead(404).end("no such thing");
      else handler(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(directory, { recursive: true, force: true });
  });

  it("downloads, pins, keeps it read-only under its hash, and asks no second time", async () => {
    handlers["/disk.raw"] = serve(disk);
    const images = await store();
    const wanted = image("/disk.raw");
    const phases: string[] = [];
    const cached = await images.ensure(wanted, {
      signal: new AbortController().signal,
      onProgress: (progress, phase) => phases.push(`${phase} ${progress.done}/${progress.total}`),
    });
    expect(cached).toEqual({
      sha256: sha(disk),
      path: join(directory, "images", sha(disk)),
      format: "raw",
      sizeBytes: disk.length,
      virtualSizeBytes: disk.length,
    });
    expect(statSync(cached.path).mode & 0o777).toBe(0o440);
    expect(phases.at(-1)).toBe(`verifying ${disk.length}/${disk.length}`);
    expect(await images.get(wanted)).toEqual(cached);
    expect(await images.get(image("/disk.raw", { sha256: sha(disk) }))).toEqual(cached);
    expect(await images.get(image("/disk.raw"))).toBeNull();
    expect(await images.get({ ...wanted, source: { kind: "url", url: `${base}/other.raw` } })).toBeNull();
    await bring(await store(), wanted);
    expect(requests).toHaveLength(1);
    expect(leftovers()).toEqual([]);
  });

  it("takes qcow2 with its virtual size", async () => {
    const path = join(directory, "a.qcow2");
    await run("qemu-img", ["create", "-q", "-f", "qcow2", path, "77M"]);
    handlers["/a.qcow2"] = serve(readFileSync(path));
    expect(await bring(await store(), image("/a.qcow2"))).toMatchObject({ format: "qcow2", virtualSizeBytes: 77 * 1024 * 1024 });
  });

  it("shares one download between all who want it, and one who leaves leaves alone", async () => {
    handlers["/disk.raw"] = serve(disk);
    const images = await store();
    const wanted = image("/disk.raw");
    const leaver = new AbortController();
    const left = images.ensure(wanted, { signal: leaver.signal, onProgress: () => {} });
    const others = [bring(images, wanted), bring(images, wanted)];
    setImmediate(() => leaver.abort(new Error("left")));
    await expect(left).rejects.toThrow("left");
    expect((await Promise.all(others)).map(({ sha256 }) => sha256)).toEqual([sha(disk), sha(disk)]);
    expect(requests).toHaveLength(1);
  });

  it.each(["sha256", "sha512"] as const)("checks the distributor's %s file", async (algorithm) => {
    handlers["/disk.raw"] = serve(disk);
    handlers["/SUMS"] = (_, response) => response.end(`${sha(disk, algorithm)}  disk.raw\n`);
    expect((await bring(await store(), withChecksum("/disk.raw", "/SUMS", algorithm))).sha256).toBe(sha(disk));
  });

  it("downloads nothing that it has by the distributor's hash", async () => {
    handlers["/disk.raw"] = serve(disk);
    handlers["/SUMS"] = (_, response) => response.end(`${sha(disk)}  disk.raw\n`);
    const images = await store();
    await bring(images, image("/disk.raw"));
    await bring(images, withChecksum("/disk.raw", "/SUMS"));
    expect(requests.map(({ path }) => path)).toEqual(["/disk.raw", "/SUMS"]);
  });

  it("fetches the centre's images from the centre alone, with its token, though it is on loopback", async () => {
    let authorization: string | undefined;
    handlers["/api/images/x"] = (request, response) => {
      authorization = request.headers.authorization;
      serve(disk)(request, response);
    };
    const images = await store({ centreOrigin: base, allowPrivateHosts: [], hostFetchToken: "secret" });
    await bring(images, image("", { sha256: sha(disk), source: { kind: "centre", path: "/api/images/x?sig=1" } }));
    expect(authorization).toBe("Bearer secret");
    const elsewhere = image("", { sha256: "a".repeat(64), source: { kind: "centre", path: "//127.0.0.1:9/x" } });
    expect(await failure(images, elsewhere)).toMatchObject({ code: "address_refused" });
    handlers["/api/away"] = (_, response) => response.writeHead(302, { location: "http://127.0.0.1:9/x" }).end();
    expect(await failure(images, image("", { sha256: "a".repeat(64), source: { kind: "centre", path: "/api/away" } }))).toMatchObject({
      code: "address_refused",
    });
  });

  describe("after a cut", () => {
    it("continues where it stopped, if the file is still the same", async () => {
      handlers["/disk.raw"] = cutting(disk, 1_000_000, 2);
      expect((await bring(await store(), image("/disk.raw"))).sha256).toBe(sha(disk));
      expect(requests[1]).toMatchObject({ range: expect.stringMatching(/^bytes=[1-9]\d*-$/), ifRange: '"v1"' });
    });

    it("continues what an agent before its restart began", async () => {
      handlers["/disk.raw"] = cutting(disk, 1_000_000, 4);
      const wanted = image("/disk.raw", { sha256: sha(disk) });
      expect(await failure(await store({ maxAttempts: 1 }), wanted)).toMatchObject({ code: "image_unavailable" });
      expect(leftovers()).toHaveLength(2);
      handlers["/disk.raw"] = serve(disk);
      await bring(await store(), wanted);
      expect(requests.at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/);
      expect(leftovers()).toEqual([]);
    });

    it("starts over when the file has changed", async () => {
      const old = Buffer.from(disk).fill(1, 1_000);
      handlers["/disk.raw"] = cutting(old, 1_000_000, 9);
      const wanted = image("/disk.raw");
      await failure(await store({ maxAttempts: 1 }), wanted);
      handlers["/disk.raw"] = serve(disk, { etag: '"v2"' });
      expect((await bring(await store(), wanted)).sha256).toBe(sha(disk));
    });

    it("starts over when the part on disk was damaged", async () => {
      handlers["/disk.raw"] = cutting(disk, 1_000_000, 9);
      const wanted = image("/disk.raw", { sha256: sha(disk) });
      await failure(await store({ maxAttempts: 1 }), wanted);
      const part = join(directory, "images", "partial", sha(disk));
      writeFileSync(part, Buffer.alloc(statSync(part).size, 9));
      handlers["/disk.raw"] = serve(disk);
      expect((await bring(await store(), wanted)).sha256).toBe(sha(disk));
    });

    it("starts over without an ETag when nothing else could find a mix out", async () => {
      handlers["/disk.raw"] = cutting(disk, 1_000_000, 2, {});
      expect((await bring(await store(), image("/disk.raw"))).sha256).toBe(sha(disk));
      await failure(await store({ maxAttempts: 1 }), image("/none"));
    });
  });

  describe("tries again", () => {
    it("when the server is busy, and gives up saying so", async () => {
      let tries = 0;
      handlers["/disk.raw"] = (request, response) => {
        tries += 1;
        if (tries < 3) response.writeHead(503).end();
        else serve(disk)(request, response);
      };
      expect((await bring(await store(), image("/disk.raw"))).sha256).toBe(sha(disk));
      handlers["/busy"] = (_, response) => response.writeHead(503).end();
      expect(await failure(await store(), image("/busy"))).toMatchObject({
        code: "image_unavailable",
        message: expect.stringContaining("after 3 tries"),
      });
    });

    it("when it stalls", async () => {
      let tries = 0;
      handlers["/disk.raw"] = (request, response) => {
        tries += 1;
        if (tries > 1) serve(disk)(request, response);
        else response.writeHead(200, { "content-length": disk.length, etag: '"v1"' }).write(disk.subarray(0, 10_000));
      };
      expect((await bring(await store(), image("/disk.raw"))).sha256).toBe(sha(disk));
      expect(requests).toHaveLength(2);
    });

    it("not when it is told to stop", async () => {
      handlers["/disk.raw"] = (_, response) =>
        void response.writeHead(200, { "content-length": disk.length }).write(disk.subarray(0, 10_000));
      const controller = new AbortController();
      const promise = (await store()).ensure(image("/disk.raw"), {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error("stop")),
      });
      await expect(promise).rejects.toThrow("stop");
    });
  });

  describe("refuses", () => {
    const expectRefused = async (wanted: DesiredImage, code: string, words: RegExp, changes: Partial<ImageStoreOptions> = {}) => {
      const images = await store(changes);
      const error = await failure(images, wanted);
      expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
      expect(leftovers()).toEqual([]);
      expect(await images.get(wanted)).toBeNull();
      return error;
    };

    it("what is not there, without trying again", async () => {
      await failure(await store(), image("/gone"));
      expect(requests).toHaveLength(1);
      const error = await failure(await store(), image("/gone?token=secret"));
      expect(error).toMatchObject({ code: "image_unavailable", message: expect.stringContaining("404") });
      expect(error.message).not.toContain("secret");
    });

    it("another hash than the pinned one", async () => {
      handlers["/disk.raw"] = serve(disk);
      const error = await expectRefused(image("/disk.raw", { sha256: "a".repeat(64) }), "image_checksum_mismatch", /another SHA256/);
      expect(error.detail).toContain(sha(disk));
    });

    it("another hash than the distributor's", async () => {
      handlers["/disk.raw"] = serve(disk);
      handlers["/SUMS"] = (_, response) => response.end(`${"b".repeat(128)}  disk.raw\n`);
      await expectRefused(withChecksum("/disk.raw", "/SUMS", "sha512"), "image_checksum_mismatch", /checksum file/);
    });

    it("a checksum file that is missing, or does not name the image", async () => {
      handlers["/disk.raw"] = serve(disk);
      await expectRefused(withChecksum("/disk.raw", "/none"), "image_unavailable", /404/);
      handlers["/SUMS"] = (_, response) => response.end(`${"b".repeat(64)}  other.raw\n`);
      await expectRefused(withChecksum("/disk.raw", "/SUMS"), "image_unavailable", /does not name disk\.raw/);
      expect(requests.some(({ path }) => path === "/disk.raw")).toBe(false);
    });

    it("a checksum file without end", async () => {
      handlers["/SUMS"] = (_, response) => endless(response, Buffer.alloc(65_536, "x"));
      await expectRefused(withChecksum("/disk.raw", "/SUMS"), "image_unavailable", /larger than/);
    });

    it("another size than the pinned one", async () => {
      handlers["/disk.raw"] = serve(disk);
      await expectRefused(image("/disk.raw", { sizeBytes: disk.length - 1 }), "image_checksum_mismatch", /instead of/);
    });

    it("a web page at once, even one without end", async () => {
      handlers["/page"] = (_, response) => endless(response, Buffer.from("<!doctype html><p>log in first</p>".repeat(1_000)));
      await expectRefused(image("/page"), "image_invalid", /web page/);
    });

    it("an image that names a file of the host", async () => {
      const path = join(directory, "evil.qcow2");
      await run("qemu-img", ["create", "-q", "-f", "qcow2", "-u", "-b", "/etc/shadow", "-F", "raw", path, "1M"]);
      handlers["/evil"] = serve(readFileSync(path));
      await expectRefused(image("/evil"), "image_invalid", /another file/);
    });

    it("a damaged qcow2 with a good header", async () => {
      const path = join(directory, "bad.qcow2");
      await run("qemu-img", ["create", "-q", "-f", "qcow2", path, "1M"]);
      const bad = readFileSync(path);
      bad.writeUInt32BE(0x7fffffff, 36); // L1 entries
      handlers["/bad"] = serve(bad);
      const error = await expectRefused(image("/bad"), "image_invalid", /damaged/);
      expect(error.detail).toMatch(/qemu-img/);
    });

    it("a stream without end, at its bound", async () => {
      handlers["/endless"] = (_, response) => endless(response, disk.subarray(0, 65_536));
      await expectRefused(image("/endless"), "image_invalid", /does not end/, { maxBytes: 4 * 1024 * 1024 });
    });

    it("more than the bound, before it comes", async () => {
      handlers["/disk.raw"] = serve(disk);
      await expectRefused(image("/disk.raw"), "image_invalid", /more than/, { maxBytes: 1024 * 1024 });
    });

    it("more than the disk has room for, before it comes", async () => {
      handlers["/huge"] = (_, response) =>
        void response.writeHead(200, { "content-length": 60 * 1024 ** 3 }).write(disk.subarray(0, 65_536));
      await expectRefused(image("/huge"), "disk_full", /GiB needed, .* free/, { reserveBytes: 2 ** 50 });
    });

    it("loopback, private and link-local addresses, by number and by name", async () => {
      const url = (text: string) => image("", { source: { kind: "url", url: text } });
      for (const address of [
        "http://127.0.0.1:9/x",
        "https://169.254.169.254/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://0x7f.1/x",
        "https://2130706433/x",
      ]) {
        await expectRefused(url(address), "address_refused", /private or local/, { allowPrivateHosts: [] });
      }
      const resolve = async () => [{ address: "127.0.0.1", family: 4 as const }];
      await expectRefused(url("https://rebind.example/x"), "address_refused", /rebind\.example \(127\.0\.0\.1\)/, {
        allowPrivateHosts: [],
        resolve,
      });
      await expectRefused(url("http://example.org/x"), "address_refused", /https/, {
        resolve: async () => [{ address: "93.184.216.34", family: 4 }],
      });
      await expectRefused(url("https://user:pass@127.0.0.1/x"), "address_refused", /password/);
      expect(requests).toEqual([]);
    });

    it("a redirect to a private address, to the centre, or without end", async () => {
      const to = (location: string) => (_: IncomingMessage, response: ServerResponse) => void response.writeHead(302, { location }).end();
      handlers["/in"] = to("http://127.0.0.2:9/metadata");
      await expectRefused(image("/in"), "address_refused", /private or local/);
      handlers["/centre"] = to("http://127.0.0.1:1/api");
      await expectRefused(image("/centre"), "address_refused", /centre/);
      handlers["/file"] = to("file:///etc/shadow");
      await expectRefused(image("/file"), "address_refused", /https/);
      handlers["/loop"] = to("/loop");
      await expectRefused(image("/loop"), "image_unavailable", /redirects more than 5/);
    });

    it.skipIf(!root)("to fill a small disk, and leaves it as it was", async () => {
      const mount = join(directory, "small");
      mkdirSync(mount);
      await run("mount", ["-t", "tmpfs", "-o", "size=2m,mode=0755", "indium-test", mount]);
      try {
        handlers["/disk.raw"] = serve(disk);
        handlers["/endless"] = (_, response) => endless(response, disk.subarray(0, 65_536));
        const images = await store({ dir: join(mount, "images") });
        expect(await failure(images, image("/disk.raw"))).toMatchObject({
          code: "disk_full",
          message: expect.stringMatching(/3\.0 MiB needed, (1\.9|2\.0) MiB free/),
        });
        expect(await failure(images, image("/endless"))).toMatchObject({ code: "disk_full" });
        expect(readdirSync(join(mount, "images", "partial"))).toEqual([]);
      } finally {
        await run("umount", [mount]);
      }
    });
  });
});

function endless(response: ServerResponse, chunk: Buffer): void {
  response.writeHead(200);
  const more = (): void => {
    if (!response.destroyed) response.write(chunk, () => setImmediate(more));
  };
  more();
}
