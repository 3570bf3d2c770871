import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MetadataDialect } from "@indium/contract/metadata-dialect";
import { GIB } from "@indium/contract/plain/bytes";
import type { InstanceStepReport } from "@indium/contract/report";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { qemuArgv } from "../drivers/qemu/argv";
import { vmPaths } from "../drivers/qemu/paths";
import { GuestStages } from "../instance/guest-stages";
import type { InstancePorts } from "../instance/ports";
import { EMPTY_SCAN, scanSerial } from "../instance/serial-scan";
import { Timeline } from "../instance/timeline";
import { newInstanceRecord } from "../ledger/format";
import { createNetworkManager } from "../network/manager";
import { assignedNic, guestDocument, Lab, natNetwork, whyNoLab } from "../network/testing/lab";
import { systemClock } from "../system/clock";
import { run, spawnChild } from "../system/exec";
import { createMetadataService } from "./service";
import type { GuestEvent } from "./types";

const DEBIAN =
  process.env.INDIUM_TEST_DEBIAN_IMAGE ?? fileURLToPath(new URL("../../../../dist/guest/debian-12-built.qcow2", import.meta.url));
const skip =
  (await whyNoLab()) ??
  ((await run("which", ["qemu-system-x86_64"], { allowFailure: true })).code !== 0 ? "needs QEMU" : null) ??
  (existsSync(DEBIAN) ? null : `${DEBIAN} is not built (image/guest/build-debian.sh)`);
if (skip !== null) console.warn(`Debian with each dialect: skipped, ${skip}`);
// OpenStack's is booted by the browser tests in every run.
const dialects: MetadataDialect[] = process.env.INDIUM_LONG === "1" ? ["digitalocean", "openstack", "ec2", "nocloud"] : ["digitalocean"];
if (skip === null && dialects.length === 1)
  console.log("Debian with OpenStack, EC2 and NoCloud: left out, it boots four times, in npm run test:long");

const BOOT_MS = 1_500_000;
const PASSWORD = "right horse";
const REPORT = [
  "#!/bin/sh",
  "{ echo NAME $(hostname)",
  "echo V4 $(ip -4 -br addr show scope global)",
  "echo V6 $(ip -6 -br addr show scope global)",
  "echo ROUTE4 $(ip -4 route show default)",
  "echo ROUTE6 $(ip -6 route show default)",
  "echo KEYS $(cat /home/debian/.ssh/authorized_keys)",
  "echo SOURCE $(cat /run/cloud-init/cloud-id) $(grep -o 'DataSource[A-Za-z0-9]*' /run/cloud-init/result.json | head -1)",
  "echo REPORTED; } > /dev/ttyS0 2>&1",
  // A first boot that ends badly says no less, and says why.
  "echo this script fails on purpose >&2",
  "exit 3",
  "",
].join("\n");

/** Stock Debian in a real VM by emulation, on a real NIC: what reaches the guest, not what was sent. */
describe.skipIf(skip !== null).each(dialects)("Debian 12 that is shown %s", (dialect) => {
  const lab = new Lab();
  const events: GuestEvent[] = [];
  const told: InstanceStepReport[] = [];
  let isKernelSeen = false;
  let scan = EMPTY_SCAN;
  const metadata = createMetadataService({ log: () => {} });
  let manager: ReturnType<typeof createNetworkManager>;
  let console = "";
  let serial: Socket;
  let stages: GuestStages;
  let vm: ReturnType<typeof spawnChild>;
  const network = natNetwork({ ipv6: { cidr: "fd00:1::/64", gateway: "fd00:1::1" }, mtu: 1500 });
  const nic = assignedNic(network, 40, { ipv6: { address: "fd00:1::40", prefixLength: 64, gateway: "fd00:1::1" } });

  beforeAll(async () => {
    await lab.open();
    const passwordHash = (await run("openssl", ["passwd", "-6", "-salt", "abcdefgh", PASSWORD])).stdout.trim();
    const plain = guestDocument([nic], [network], `deb-${dialect}`, { passwordHash, userData: REPORT });
    const guestUuid = dialect === "ec2" ? `ec2${plain.instance.guestUuid.slice(3)}` : plain.instance.guestUuid;
    const instance = { ...plain.instance, dialect, guestUuid, guestAgent: "cloud-init", memoryBytes: GIB } as const;
    manager = createNetworkManager({ stateDir: lab.stateDir, metadata, vmUid: 0, hostNetns: lab.host, log: () => {} });
    const timeline = new Timeline(instance.id, (body) => body.kind === "instance.step" && told.push(body), systemClock);
    stages = new GuestStages(
      { clock: systemClock } as unknown as InstancePorts,
      newInstanceRecord(instance, 1, "hash"),
      timeline,
      async () => {},
    );
    metadata.onGuestEvent((_id, event) => {
      events.push(event);
      if (event.kind === "stage") stages.onEvent(event);
    });
    metadata.setDocument({ ...plain, instance: dialect === "ec2" ? { ...instance, metadataTokens: "required" } : instance });
    await manager.ensureNetwork(network);
    const tap = await manager.ensureNic(nic, network, instance.id);
    const paths = vmPaths({ stateDir: lab.stateDir, runDir: join(lab.stateDir, "run") }, instance.id);
    await mkdir(paths.runDir, { recursive: true });
    await mkdir(paths.stateDir, { recursive: true });
    const disk = join(lab.stateDir, "disk.qcow2");
    await run("qemu-img", ["create", "-q", "-f", "qcow2", "-b", DEBIAN, "-F", "qcow2", disk, "4G"]);
    const argv = qemuArgv(
      { instance, disk: { path: disk, format: "qcow2" }, taps: [tap] },
      { machineType: "q35", acceleration: "tcg", vhost: false, uefi: null, paths },
    );
    vm = spawnChild("nsenter", [`--net=/run/netns/${lab.host}`, "qemu-system-x86_64", ...argv], { stdio: ["ignore", "ignore", "inherit"] });
    serial = await opened(paths.serialSocket);
    serial.on("data", (chunk: Buffer) => {
      console += chunk.toString("latin1");
      const { state, events: signs } = scanSerial(scan, chunk.toString("latin1"));
      scan = state;
      for (const sign of signs) {
        if (sign.kind === "cloudInit") stages.onOutput(sign.line);
        if (sign.kind === "kernel") isKernelSeen = true;
      }
    });
  }, 120_000);
  afterAll(async () => {
    serial?.destroy();
    if (vm !== undefined && (vm.exitCode ?? vm.signalCode) === null) {
      const gone = new Promise((resolve) => vm.once("exit", resolve));
      vm.kill("SIGKILL");
      await gone;
    }
    await manager?.close();
    await lab.close();
  });

  async function seen(pattern: RegExp): Promise<string> {
    const until = Date.now() + BOOT_MS;
    for (;;) {
      const match = pattern.exec(console);
      if (match !== null) return match[1] ?? match[0];
      if (Date.now() > until || (vm.exitCode ?? vm.signalCode) !== null)
        throw new Error(`${pattern} did not come. The last of the console:\n${console.slice(-3_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it("takes name, keys, password, addresses and script, reports its stages, and why the last failed", async () => {
    expect(await seen(/NAME (.*)\r/)).toBe(`deb-${dialect}`);
    expect(await seen(/V4 (.*)\r/)).toContain(`${nic.ipv4?.address}/24`);
    expect(await seen(/ROUTE4 (.*)\r/)).toContain("via 10.231.7.1");
    const static6 = dialect === "openstack" || dialect === "digitalocean";
    expect((await seen(/V6 ?(.*)\r/)).includes("fd00:1::40/64")).toBe(static6);
    expect((await seen(/ROUTE6 ?(.*)\r/)).includes("via fd00:1::1")).toBe(static6);
    expect(await seen(/KEYS (.*)\r/)).toContain("ssh-ed25519 AAAA me");
    await seen(/REPORTED/);
    await seen(/login: /);
    expect(await manager.probeSsh(nic, network, 20_000)).toBe(true);
    await expect
      .poll(() => events.some((event) => event.kind === "stage" && event.name === "modules-final" && event.phase === "finish"), {
        timeout: 600_000,
      })
      .toBe(true);
    expect(isKernelSeen).toBe(true);
    const failed = () => told.findLast((step) => step.step === "guest:modules-final/config-scripts-user");
    await expect.poll(() => failed()?.detail ?? null, { timeout: 30_000 }).toContain("this script fails on purpose");
    expect(failed()).toMatchObject({ state: "failed", message: expect.stringContaining("scripts") });
    expect(told.findLast((step) => step.step === "guest:modules-final")).toMatchObject({ state: "failed", detail: null });

    const login = async (): Promise<void> => {
      console = "";
      serial.write("debian\r");
      await seen(/Password: /);
      // login throws away what was typed until it turned the echo off.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      serial.write(`${PASSWORD}\r`);
      await seen(/debian@deb-.*\$ /);
    };
    await login();
    console = "";
    serial.write("sudo id -un\r");
    await seen(/root\r/);
  }, 2_400_000);
});

async function opened(path: string): Promise<Socket> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect(path);
    if (await new Promise<boolean>((done) => socket.once("connect", () => done(true)).once("error", () => done(false)))) return socket;
    if (attempt === 300) throw new Error(`${path} did not open`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
