import { chownSync, copyFileSync, existsSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { GIB } from "@indium/contract/plain/bytes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureReachable } from "../../storage/access";
import { run } from "../../system/exec";
import type { Hypervisor, VmSpec } from "../types";
import { createQemuHypervisor, QEMU_BINARY } from "./hypervisor";
import { vmPaths } from "./paths";
import { QmpClient } from "./qmp/client";
import { findSwtpm } from "./swtpm";
import { testSpec } from "./test-spec";
import { DesktopViewer, guestAgentScript } from "./testing/desktop-viewer";
import { type VmUser, vmUser } from "./vm-user";

const guests = new URL("../../../../../dist/guest/", import.meta.url).pathname;
const debian = process.env.INDIUM_TEST_DEBIAN_IMAGE ?? join(guests, "debian-12-built.qcow2");
const reason =
  process.getuid?.() !== 0
    ? "not root"
    : !existsSync(QEMU_BINARY) || !existsSync("/usr/bin/swtpm")
      ? "QEMU or swtpm is not installed"
      : existsSync(join(guests, "tiny-vmlinuz"))
        ? null
        : "Tiny is not built (image/guest/build-tiny.sh)";
if (reason !== null) console.warn(`firmware: skipped, ${reason}.`);
const longReason =
  reason ??
  (process.env.INDIUM_LONG !== "1" ? "it boots Debian with each firmware, four times, in npm run test:long" : null) ??
  (existsSync(debian) ? null : `${debian} is not built (image/guest/build-debian.sh)`);
if (reason === null && longReason !== null) console.log(`Debian with each firmware: skipped, ${longReason}.`);

const LONG = { timeout: 600_000, interval: 250 };
let directory: string;
let user: VmUser;
let hypervisor: Hypervisor;
const specs: VmSpec[] = [];

const printed = async (spec: VmSpec) => (await hypervisor.serialTail(spec.instance.id, 1_000_000)).text;
const paths = (spec: VmSpec) => vmPaths({ stateDir: directory, runDir: join(directory, "run") }, spec.instance.id);
const made = (spec: VmSpec): VmSpec => {
  specs.push(spec);
  return spec;
};

beforeAll(async () => {
  if (reason !== null) return;
  directory = mkdtempSync(join(tmpdir(), `indium-fw-${process.pid}-`));
  user = await vmUser();
  await ensureReachable(directory, user);
  hypervisor = await createQemuHypervisor({
    stateDir: directory,
    runDir: join(directory, "run"),
    acceleration: { kind: "tcg", reason: "test" },
  });
});
// Also after a time-out, which leaves a test where it stands.
afterAll(async () => {
  if (reason !== null) return;
  for (const spec of specs) await hypervisor.purge(spec.instance.id);
  rmSync(directory, { recursive: true, force: true });
});

describe.skipIf(reason !== null)("a VM with a TPM", () => {
  it("boots a kernel handed over directly, has a screen whose size can be asked for, and a TPM 2.0 that ends with it, keeps its state, and goes with it", async () => {
    const disk = join(directory, "tiny.qcow2");
    copyFileSync(join(guests, "tiny.qcow2"), disk);
    chownSync(disk, user.uid, user.gid);
    for (const name of ["tiny-vmlinuz", "tiny-initrd"]) copyFileSync(join(guests, name), join(directory, name));
    const directKernel = {
      kernel: join(directory, "tiny-vmlinuz"),
      initrd: join(directory, "tiny-initrd"),
      commandLine: "console=ttyS0 panic=10",
    };
    const spec = made({
      ...testSpec({ fresh: true, nics: 0, tpm: true, desktop: true }),
      disk: { path: disk, format: "qcow2" },
      directKernel,
    });
    const begun = performance.now();
    const vm = await hypervisor.start(spec);
    await expect.poll(() => printed(spec), { ...LONG, interval: 50 }).toContain("TINY-READY");
    console.log(`Tiny, direct kernel: ready after ${Math.round(performance.now() - begun)} ms`);
    // No firmware's boot loader in between.
    expect(await printed(spec)).not.toContain("GRUB");

    const viewer = await DesktopViewer.connect(paths(spec).vncSocket);
    viewer.resize(1_280, 800);
    await expect.poll(() => viewer.sizes.at(-1)?.verdict, LONG).toBe("forwarded to the guest");
    viewer.close();

    const qmp = await QmpClient.connect(paths(spec).qmpSocketSpare);
    expect(await qmp.execute("query-tpm")).toMatchObject([{ model: "tpm-crb", options: { type: "emulator" } }]);
    qmp.close();
    const [swtpm, ...others] = await findSwtpm(paths(spec), user);
    expect([swtpm?.pid === undefined, others]).toEqual([false, []]);
    expect(statSync(`/proc/${swtpm?.pid}`).uid).toBe(user.uid);
    const state = join(paths(spec).tpmDir, "tpm2-00.permall");
    expect(statSync(state).uid).toBe(user.uid);

    // The next agent adopts the VM, and its TPM with it.
    vm.release();
    const next = await createQemuHypervisor({
      stateDir: directory,
      runDir: join(directory, "run"),
      acceleration: { kind: "tcg", reason: "test" },
    });
    const adopted = await next.find(spec.instance.id);
    expect(adopted?.pid).toBe(vm.pid);
    expect(await findSwtpm(paths(spec), user)).toHaveLength(1);

    await adopted?.kill();
    await expect.poll(() => findSwtpm(paths(spec), user), LONG).toEqual([]);
    await next.clean(spec.instance.id);
    expect(existsSync(state)).toBe(true);
    await hypervisor.purge(spec.instance.id);
    expect(existsSync(state)).toBe(false);
  }, 200_000);
});

/** The kernel and initrd of the image's own file system, without mounting it. */
async function kernelOf(image: string): Promise<{ kernel: string; initrd: string; root: string }> {
  const raw = join(directory, "debian.raw");
  await run("qemu-img", ["convert", "-O", "raw", image, raw], { timeoutMs: 300_000 });
  const table = JSON.parse((await run("sfdisk", ["-J", raw])).stdout) as {
    partitiontable: { partitions: { start: number; size: number; uuid?: string }[] };
  };
  const [largest] = table.partitiontable.partitions.toSorted((left, right) => right.size - left.size);
  const system = `${raw}?offset=${(largest?.start ?? 0) * 512}`;
  const listing = (await run("debugfs", ["-R", "ls -p /boot", system])).stdout;
  const name = (prefix: string) => new RegExp(`/(${prefix}-[^/]+)/`).exec(listing)?.[1] ?? "";
  const [kernel, initrd] = [join(directory, "vmlinuz"), join(directory, "initrd")];
  await run("debugfs", ["-R", `dump /boot/${name("vmlinuz")} ${kernel}`, system]);
  await run("debugfs", ["-R", `dump /boot/${name("initrd.img")} ${initrd}`, system]);
  // The file system's uuid: 16 bytes at 0x68 of the superblock, which is 1024 bytes in (ext4's ext4_super_block).
  const bytes = Buffer.alloc(16);
  readSync(openSync(raw, "r"), bytes, 0, 16, (largest?.start ?? 0) * 512 + 1024 + 0x68);
  const root = bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  rmSync(raw);
  return { kernel, initrd, root };
}

/** Runs a line inside the guest through its QEMU guest agent, which the image brings along. */
async function inside(socketPath: string, line: string): Promise<string> {
  const socket = createConnection({ path: socketPath });
  socket.on("error", () => {});
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  const ask = async (execute: string, args: object): Promise<Record<string, unknown>> => {
    socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    const { return: answer, error } = JSON.parse((await answers.next()).value ?? "{}") as Record<string, Record<string, unknown>>;
    if (answer === undefined) throw new Error(JSON.stringify(error));
    return answer;
  };
  try {
    const { pid } = await ask("guest-exec", { path: "/bin/sh", arg: ["-c", line], "capture-output": true });
    for (;;) {
      const status = await ask("guest-exec-status", { pid });
      if (status.exited === true) return Buffer.from(String(status["out-data"] ?? ""), "base64").toString("utf8");
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  } finally {
    socket.destroy();
  }
}

const QUESTION = [
  "echo efi=$(test -d /sys/firmware/efi && echo yes || echo no)",
  // Four bytes of attributes, then the variable's one byte (UEFI 3.3, SecureBoot).
  "echo secure=$(od -An -tu1 -j4 /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c 2>/dev/null | tr -d ' ')",
  "echo lockdown=$(grep -o '\\[.*\\]' /sys/kernel/security/lockdown)",
  "echo tpm=$(cat /sys/class/tpm/tpm0/tpm_version_major 2>/dev/null) $(ls /dev/tpm0 2>/dev/null)",
  "echo direct=$(grep -c indium-direct /proc/cmdline)",
].join("; ");

const CASES = [
  { name: "BIOS", changes: {}, says: /efi=no\n.*\n.*\ntpm=\ndirect=0/ },
  { name: "UEFI", changes: { firmware: "uefi", desktop: true }, says: /efi=yes\nsecure=0?\n/ },
  {
    name: "Secure Boot and a TPM",
    changes: { firmware: "uefi", secureBoot: true, tpm: true },
    says: /efi=yes\nsecure=1\nlockdown=\[integrity\]\ntpm=2 \/dev\/tpm0/,
  },
  { name: "a kernel handed over directly", changes: {}, says: /direct=1/ },
] as const;

/** Both ways, in one of the boots above: what the guest copies is told to a VNC viewer that asks, and what it pastes comes to the guest. */
async function clipboardIsShared(spec: VmSpec): Promise<void> {
  const guest = paths(spec).guestAgentSocket;
  const viewer = await DesktopViewer.connect(paths(spec).vncSocket);
  try {
    const script = Buffer.from(guestAgentScript("Grüße aus dem Gast", "/run/pasted")).toString("base64");
    await inside(guest, `echo ${script} | base64 -d > /run/agent.py; nohup python3 /run/agent.py > /run/agent.log 2>&1 & echo started`);
    await expect.poll(() => viewer.copied, LONG).toEqual(["Grüße aus dem Gast"]);
    viewer.paste("und zurück");
    await expect.poll(() => inside(guest, "cat /run/pasted /run/agent.log"), LONG).toContain("und zurück");
  } finally {
    viewer.close();
  }
}

describe.skipIf(longReason !== null)("Debian 12", () => {
  it.each(CASES)(
    "boots to its login with $name",
    async ({ name, changes, says }) => {
      const disk = join(directory, `${name.replaceAll(" ", "-")}.qcow2`);
      copyFileSync(debian, disk);
      chownSync(disk, user.uid, user.gid);
      const { instance, ...rest } = testSpec({ fresh: true, nics: 0, vcpus: 2, memoryBytes: GIB, ...changes });
      const spec = made({
        ...rest,
        // Without a network nobody answers: this one's data source gives up at once.
        instance: { ...instance, dialect: "digitalocean" },
        disk: { path: disk, format: "qcow2" },
      });
      const handed = name.startsWith("a kernel") ? await kernelOf(debian) : null;
      const begun = performance.now();
      const vm = await hypervisor.start(
        handed === null
          ? spec
          : {
              ...spec,
              directKernel: { ...handed, commandLine: `root=UUID=${handed.root} ro console=ttyS0 indium-direct` },
            },
      );
      await expect.poll(() => printed(spec), LONG).toMatch(/login: /);
      console.log(`Debian 12, ${name}: login after ${Math.round((performance.now() - begun) / 1000)} s`);
      const answer = await inside(paths(spec).guestAgentSocket, QUESTION);
      console.log(answer.trim().replaceAll("\n", ", "));
      expect(answer).toMatch(says);
      if (spec.instance.desktop === true) await clipboardIsShared(spec);
      await vm.kill();
      await hypervisor.purge(spec.instance.id);
      rmSync(disk, { force: true });
    },
    900_000,
  );
});
