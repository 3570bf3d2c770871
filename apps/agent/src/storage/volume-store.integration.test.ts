import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@indium/contract/plain/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asVmUser, type VmUser, vmUser } from "../drivers/qemu/vm-user";
import { run } from "../system/exec";
import { ensureReachable } from "./access";
import type { CachedImage } from "./types";
import { createVolumeStore } from "./volume-store";

const reason = existsSync("/usr/bin/qemu-img") ? null : "qemu-img is not installed";
if (reason !== null) console.warn(`Volume store: skipped, ${reason}.`);
const root = process.getuid?.() === 0;
if (!root) console.warn("Volume store on a full disk: skipped, not root.");
const MIB = 1024 * 1024;

let directory: string;
let user: VmUser;
let base: CachedImage;

describe.skipIf(reason !== null)("the volume store", () => {
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), `indium-volumes-${process.pid}-`));
    user = await vmUser();
    await ensureReachable(directory, user);
    const path = join(directory, "a".repeat(64));
    writeFileSync(path, Buffer.alloc(2 * MIB), { mode: 0o444 });
    base = { sha256: "a".repeat(64), path, format: "raw", sizeBytes: 2 * MIB, virtualSizeBytes: 2 * MIB };
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const open = (dir = join(directory, "volumes"), reserveBytes = 0) => createVolumeStore({ dir, owner: user, reserveBytes });
  const volume = (sizeBytes: number) => ({ id: newId("volume"), instanceId: newId("instance"), sizeBytes });
  const info = async (path: string) => {
    // Asked as the VMs' user: it must get at the overlay and its base.
    const { file, args } = asVmUser(user, [], ["qemu-img", "info", "--output=json", "-f", "qcow2", path]);
    return JSON.parse((await run(file, args)).stdout) as Record<string, unknown>;
  };

  it("makes an overlay pinned to its base with its format, of the VMs' user alone", async () => {
    const volumes = await open();
    const wanted = volume(10 * MIB);
    const made = await volumes.ensureOverlay(wanted, base);
    expect(await info(made.path)).toMatchObject({
      "virtual-size": 10 * MIB,
      "backing-filename": base.path,
      "backing-filename-format": "raw",
    });
    const stat = statSync(made.path);
    expect([stat.uid, stat.mode & 0o777]).toEqual([user.uid, 0o600]);
    expect(await volumes.list()).toEqual([wanted.id]);
    expect(await volumes.get(wanted.id)).toEqual(made);
  });

  it("never makes a disk smaller than its image, and keeps one that is there", async () => {
    const volumes = await open();
    const wanted = volume(MIB);
    const made = await volumes.ensureOverlay(wanted, base);
    expect(await info(made.path)).toMatchObject({ "virtual-size": 2 * MIB });
    const inode = statSync(made.path).ino;
    await volumes.ensureOverlay({ ...wanted, sizeBytes: 50 * MIB }, base);
    expect(statSync(made.path).ino).toBe(inode);
  });

  it("grows one, keeps a larger one, and says what it is", async () => {
    const volumes = await open();
    const wanted = volume(10 * MIB);
    const made = await volumes.ensureOverlay(wanted, base);
    expect(await volumes.grow(wanted.id, 50 * MIB)).toBe(50 * MIB);
    expect(await volumes.grow(wanted.id, 50 * MIB)).toBe(50 * MIB);
    expect(await volumes.grow(wanted.id, 20 * MIB)).toBe(50 * MIB);
    expect(await info(made.path)).toMatchObject({ "virtual-size": 50 * MIB, "backing-filename": base.path });
    const seen = await volumes.inspect(wanted.id);
    expect(seen).toMatchObject({ path: made.path, format: "qcow2", virtualSizeBytes: 50 * MIB, basePath: base.path });
    expect(seen?.usedBytes).toBeGreaterThan(0);
    expect(statSync(made.path).uid).toBe(user.uid);
    const other = volume(MIB).id;
    expect(await volumes.inspect(other)).toBeNull();
    await expect(volumes.grow(other, MIB)).rejects.toMatchObject({ code: "not_found" });
  });

  it("has the old size or the new one after a kill -9 at any moment of growing, and grows on from there", async () => {
    const volumes = await open();
    const wanted = volume(10 * MIB);
    const { path } = await volumes.ensureOverlay(wanted, base);
    let size = 10 * MIB;
    let killed = 0;
    for (let round = 1; round <= 15; round++) {
      // Each time the table of clusters outgrows its place, and is written anew.
      const next = size + 700 * 1024 * MIB;
      await run("qemu-img", ["resize", "-q", "-f", "qcow2", path, String(next)], { timeoutMs: round * 4 }).catch(() => {
        killed += 1;
      });
      const found = (await volumes.inspect(wanted.id))?.virtualSizeBytes;
      expect([size, next]).toContain(found);
      // 3: clusters that nobody uses, as an interrupted resize may leave them; the guest's data is whole.
      const check = await run("qemu-img", ["check", "-q", "-f", "qcow2", path], { allowFailure: true });
      expect([0, 3]).toContain(check.code);
      size = await volumes.grow(wanted.id, next);
      expect(size).toBe(next);
    }
    console.log(`growing: killed ${killed} of 15 times`);
    expect(killed).toBeGreaterThan(0);
  });

  it("deletes, also twice, and forgets what a crash left half made", async () => {
    const volumes = await open();
    const wanted = volume(MIB);
    const made = await volumes.ensureOverlay(wanted, base);
    await volumes.delete(wanted.id);
    await volumes.delete(wanted.id);
    expect(await volumes.get(wanted.id)).toBeNull();
    writeFileSync(`${made.path}.1.tmp`, "half");
    expect(await (await open()).list()).toEqual([]);
    expect(existsSync(`${made.path}.1.tmp`)).toBe(false);
  });

  it("takes no path for an id", async () => {
    await expect((await open()).delete("vol-../../x" as never)).rejects.toMatchObject({ code: "bad_request" });
  });

  it("says why it cannot be made", async () => {
    const volumes = await open();
    const error = await volumes
      .ensureOverlay(volume(MIB), { ...base, path: join(directory, "missing") })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "hypervisor_failed", detail: expect.stringContaining("missing") });
    expect(await volumes.list()).toEqual([]);
  });

  it("says how much room is missing when the disk is full", async () => {
    const volumes = await open(undefined, 2 ** 50);
    await expect(volumes.ensureOverlay(volume(MIB), base)).rejects.toMatchObject({
      code: "disk_full",
      message: expect.stringMatching(/GiB needed, .+ free/),
    });
  });

  it.skipIf(!root)("says so also when the disk fills while the overlay is made, and leaves nothing", async () => {
    const mount = join(directory, "small");
    mkdirSync(mount);
    await run("mount", ["-t", "tmpfs", "-o", "size=64k,mode=0755", "indium-test", mount]);
    try {
      const volumes = await open(join(mount, "volumes"));
      await expect(volumes.ensureOverlay(volume(MIB), base)).rejects.toMatchObject({ code: "disk_full" });
      expect(await volumes.list()).toEqual([]);
    } finally {
      await run("umount", [mount]);
    }
  });
});
