import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

/**
 * The images as a VM sees them: real QEMU by emulation, in a network namespace where 169.254.169.254 is a metadata server of the test's
 * (QEMU's user network connects on from there). Two cores shared with others: no tight limits.
 */
const here = new URL(".", import.meta.url).pathname;
const DEBIAN = process.env.INDIUM_TEST_DEBIAN_IMAGE ?? join(here, "../../dist/guest/debian-12-built.qcow2");
const OVMF = { code: "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", vars: "/usr/share/OVMF/OVMF_VARS_4M.ms.fd" };
const MAC = "52:54:00:aa:bb:cc";
const BOOT_MS = Number(process.env.INDIUM_TEST_BOOT_MS ?? 420_000);
// `openssl passwd -6 -salt abcdefgh` of "right horse"
const HASH = execFileSync("openssl", ["passwd", "-6", "-salt", "abcdefgh", "right horse"], { encoding: "utf8" }).trim();

const reason =
  process.getuid?.() !== 0
    ? "not root"
    : spawnSync("qemu-system-x86_64", ["--version"]).status !== 0
      ? "QEMU is missing"
      : spawnSync("unshare", ["--net", "true"]).status !== 0
        ? "network namespaces cannot be made here"
        : null;
if (reason !== null) console.log(`guest images: skipped, ${reason}`);
// Two more boots of an emulated Debian take ten minutes; the browser tests boot it once in every run.
const debianReason =
  reason ??
  (process.env.INDIUM_LONG !== "1" ? "it boots twice, with BIOS and Secure Boot, in npm run test:long" : null) ??
  (existsSync(DEBIAN) ? null : `${DEBIAN} is not built (image/guest/build-debian.sh)`);
if (reason === null && debianReason !== null) console.log(`Debian image: skipped, ${debianReason}`);

const METADATA_SERVER = `
const documents = JSON.parse(process.env.DOCUMENTS);
require("node:http").createServer((request, response) => {
  const body = documents[request.url.replace(/\\/2018-08-27\\//, "/latest/").replace(/\\/$/, "")];
  if (body === undefined) return response.writeHead(404).end();
  response.end(body);
}).listen(80, "169.254.169.254");
`;

function documents(options: { hostname: string; userData?: string; passwordHash?: string }): Record<string, string> {
  const config = `#cloud-config\nssh_genkeytypes: [ ed25519 ]\nlocale: false\n`;
  const password =
    options.passwordHash === undefined ? "" : `password: ${options.passwordHash}\nchpasswd:\n  expire: false\nssh_pwauth: true\n`;
  return {
    "/openstack": "2018-08-27\nlatest",
    "/openstack/latest/meta_data.json": JSON.stringify({
      uuid: "6f1c0de0-0000-4000-8000-000000000001",
      hostname: options.hostname,
      // What a careless reader of JSON would trip over.
      name: 'a "name", {"hostname":"wrong"} and a \\ [',
      meta: { list: "[1,2" },
    }),
    "/openstack/latest/network_data.json": JSON.stringify({
      links: [{ id: "nic0", vif_id: "nic-0", type: "phy", ethernet_mac_address: MAC, mtu: 1500 }],
      networks: [
        {
          id: "nic0-ipv4",
          network_id: "net-0",
          link: "nic0",
          type: "ipv4",
          ip_address: "10.0.2.15",
          netmask: "255.255.255.0",
          routes: [{ network: "0.0.0.0", netmask: "0.0.0.0", gateway: "10.0.2.2" }],
          dns_nameservers: ["10.0.2.3"],
        },
      ],
      services: [{ type: "dns", address: "10.0.2.3" }],
    }),
    // The OpenStack source asks for EC2's as well, six times over where there is none.
    "/latest/meta-data": "instance-id",
    "/latest/meta-data/instance-id": "i-1",
    "/openstack/latest/vendor_data.json": JSON.stringify({ "cloud-init": config + password }),
    ...(options.userData === undefined ? {} : { "/openstack/latest/user_data": options.userData }),
  };
}

class Guest {
  output = "";
  /** All of it, for what comes in no fixed order. */
  history = "";
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #serial: Promise<Socket>;

  constructor(
    readonly directory: string,
    options: { memoryMib: number; documents: Record<string, string> | null; arguments: readonly string[] },
  ) {
    const serial = join(directory, "serial");
    const qemu = [
      ...["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-vga", "std", "-accel", "tcg", "-cpu", "max"],
      ...["-m", String(options.memoryMib), "-smp", "2", "-serial", `unix:${serial},server=on,wait=off`],
      ...["-smbios", "type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,uuid=6f1c0de0-0000-4000-8000-000000000001"],
      ...["-qmp", `unix:${join(directory, "qmp")},server=on,wait=off`, "-device", "virtio-rng-pci"],
      ...["-netdev", "user,id=n0", "-device", `virtio-net-pci,netdev=n0,mac=${MAC},romfile=`],
      ...options.arguments,
    ];
    const inside = `ip link set lo up && ip addr add 169.254.169.254/32 dev lo
${options.documents === null ? "" : '"$NODE" -e "$SERVER" & server=$!'}
"$@" & vm=$!
trap 'kill $vm' TERM
wait $vm; wait $vm; kill $server 2>/dev/null; wait`;
    this.#process = spawn("unshare", ["--net", "sh", "-c", inside, "sh", ...qemu], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { PATH: process.env.PATH, NODE: process.execPath, SERVER: METADATA_SERVER, DOCUMENTS: JSON.stringify(options.documents) },
    });
    this.ended = new Promise((done) => this.#process.on("close", () => done()));
    this.#serial = this.#connect(serial).then((socket) => {
      socket.on("data", (chunk) => {
        const text = chunk.toString("latin1");
        this.output += text;
        this.history += text;
      });
      return socket;
    });
  }

  async #connect(path: string): Promise<Socket> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const socket = connect(path);
      const open = await new Promise<boolean>((done) => socket.once("connect", () => done(true)).once("error", () => done(false)));
      if (open) return socket;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`${path} did not open`);
  }

  /** Waits for text that comes after what was waited for before. */
  async waitFor(pattern: RegExp, timeoutMs = BOOT_MS): Promise<RegExpExecArray> {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) {
        this.output = this.output.slice(match.index + match[0].length);
        return match;
      }
      if (Date.now() > until) throw new Error(`${pattern} did not come. The last of the console:\n${this.history.slice(-2_000)}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Waits for text anywhere since the start. */
  async seen(pattern: RegExp, timeoutMs = BOOT_MS): Promise<RegExpExecArray> {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const match = pattern.exec(this.history);
      if (match !== null) return match;
      if (Date.now() > until) throw new Error(`${pattern} did not come. The last of the console:\n${this.history.slice(-2_000)}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async type(text: string): Promise<void> {
    (await this.#serial).write(text);
  }

  /** login prints its prompt first and throws away what was typed until it turned the echo off (busybox's bb_ask_noecho). */
  async answerPassword(password: string): Promise<void> {
    await this.waitFor(/Password: /);
    await new Promise((done) => setTimeout(done, 1_000));
    await this.type(`${password}\r`);
  }

  /** Presses the power button and waits for QEMU's end. */
  async powerOff(timeoutMs = 90_000): Promise<void> {
    const socket = await this.#connect(join(this.directory, "qmp"));
    socket.on("error", () => {});
    socket.resume();
    socket.write('{"execute":"qmp_capabilities"}{"execute":"system_powerdown"}');
    const late = new Promise<"late">((done) => setTimeout(() => done("late"), timeoutMs).unref());
    if ((await Promise.race([this.ended, late])) === "late")
      throw new Error(`no power-off within ${timeoutMs} ms:\n${this.output.slice(-1_000)}`);
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.ended;
    (await this.#serial.catch(() => null))?.destroy();
  }
}

let directory: string;
let guest: Guest | null = null;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), `indium-guest-${process.pid}-`));
});
afterEach(async () => {
  await guest?.stop();
  guest = null;
  for (const name of ["serial", "qmp"]) rmSync(join(directory, name), { force: true });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const virtioDisk = (path: string) => ["-drive", `file=${path},if=virtio,format=qcow2,snapshot=on`];

describe.skipIf(reason !== null)("Tiny", () => {
  const disk = () => join(directory, "tiny.qcow2");

  it("is built within its size and says how far it is", () => {
    const output = execFileSync("bash", [join(here, "build-tiny.sh"), disk()], { encoding: "utf8" });
    const lines = output.trim().split("\n");
    expect(lines.every((line) => /^PROGRESS \d+ \d+ \S/.test(line))).toBe(true);
    expect(lines.at(-1)).toMatch(/^PROGRESS (\d+) \1 /);
    expect(Number(execFileSync("stat", ["-c", "%s", disk()], { encoding: "utf8" }))).toBeLessThan(16 * 1024 * 1024);
    for (const name of ["tiny-vmlinuz", "tiny-initrd"]) expect(existsSync(join(directory, name))).toBe(true);
  });

  it("takes name, address and password from metadata, runs a script and obeys the power button", { timeout: 300_000 }, async () => {
    const userData =
      "#!/bin/sh\necho UD $(hostname) $(ip -4 addr show eth0 | grep -o 'inet [^ ]*')\nping -c 1 10.0.2.2 && echo UD-PINGED\n";
    guest = new Guest(directory, {
      memoryMib: 128,
      documents: documents({ hostname: "tiny-one", userData, passwordHash: HASH }),
      arguments: virtioDisk(disk()),
    });
    await guest.seen(/TINY-READY tiny-one/);
    await guest.seen(/UD tiny-one inet 10\.0\.2\.15\/24/);
    await guest.seen(/UD-PINGED/);
    await guest.seen(/TINY-USER-DATA exit=0/);
    await guest.seen(/tiny-one login: /);
    await guest.type("root\r");
    await guest.answerPassword("wrong");
    await guest.waitFor(/incorrect[\s\S]*login: /);
    await guest.type("root\r");
    await guest.answerPassword("right horse");
    await guest.waitFor(/root@tiny-one:~# /);
    await guest.type("echo sum-$((40+2))\r");
    await guest.waitFor(/sum-42/);
    await guest.powerOff();
  });

  it("opens a shell where there is no metadata, asks DHCP, and reboots", { timeout: 300_000 }, async () => {
    guest = new Guest(directory, { memoryMib: 128, documents: null, arguments: virtioDisk(disk()) });
    await guest.waitFor(/TINY-READY tiny/);
    await guest.waitFor(/root@tiny:~# /);
    await guest.type("ip -4 addr show eth0; echo; reboot\r");
    await guest.waitFor(/inet 10\.0\.2\.15\/24/);
    await guest.waitFor(/TINY-READY tiny/);
  });

  it("answers a probe of its kernel at once", async () => {
    const kernel = ["-kernel", join(directory, "tiny-vmlinuz"), "-initrd", join(directory, "tiny-initrd")];
    guest = new Guest(directory, {
      memoryMib: 128,
      documents: null,
      arguments: [...kernel, "-append", "console=ttyS0 quiet indium.probe", "-no-reboot"],
    });
    await guest.waitFor(/TINY-PROBE-OK/);
    await guest.ended;
  });
});

describe.skipIf(debianReason !== null).each(["bios", "uefi with Secure Boot"])("Debian 12 with %s", (firmware) => {
  it("runs cloud-init, grows its disk, lets its user in and obeys the power button", async () => {
    const flash: string[] = [];
    if (firmware !== "bios") {
      copyFileSync(OVMF.vars, join(directory, "vars.fd"));
      flash.push(...["-machine", "q35,smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on"]);
      flash.push(...["-drive", `if=pflash,format=raw,readonly=on,file=${OVMF.code}`]);
      flash.push(...["-drive", `if=pflash,format=raw,file=${join(directory, "vars.fd")}`]);
    } else flash.push("-machine", "q35");
    const disk = join(directory, "overlay.qcow2");
    rmSync(disk, { force: true });
    execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", "-b", DEBIAN, "-F", "qcow2", disk, "6G"]);
    const report = [
      "echo SIZE $(df --output=size -BM / | tail -1)",
      "echo ADDRESS $(ip -4 -br addr show scope global)",
      "echo FAILED $(systemctl --failed --no-legend --plain --no-pager | wc -l)",
      "echo SECURE $(dmesg | grep -ciE 'secure boot enabled|secureboot: Secure boot enabled')",
      "echo REPORTED",
    ];
    const userData = `#cloud-config\nruncmd:\n  - "(${report.join("; ")}) > /dev/ttyS0 2>&1"\n`;
    guest = new Guest(directory, {
      memoryMib: 1024,
      documents: documents({ hostname: "deb-one", userData, passwordHash: HASH }),
      arguments: [...flash, ...virtioDisk(disk)],
    });
    const started = performance.now();
    const seconds = () => Math.round((performance.now() - started) / 1000);
    await guest.seen(/deb-one login: /);
    const login = seconds();
    expect(Number((await guest.seen(/SIZE +(\d+)M/))[1])).toBeGreaterThan(5_000);
    await guest.seen(/ADDRESS .*10\.0\.2\.15\/24/);
    await guest.seen(/FAILED 0/);
    const secure = Number((await guest.seen(/SECURE (\d+)/))[1]);
    expect(secure > 0).toBe(firmware !== "bios");
    await guest.seen(/REPORTED/);
    await guest.seen(/finished at/);
    console.log(`Debian 12, ${firmware}: login after ${login} s, cloud-init finished after ${seconds()} s`);
    await guest.type("debian\r");
    await guest.answerPassword("right horse");
    await guest.waitFor(/debian@deb-one:~\$ /);
    await guest.type("sudo id -un\r");
    await guest.waitFor(/root\r/);
    await guest.powerOff();
  }, 900_000);
});
