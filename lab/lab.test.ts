import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import type { HostView } from "@indium/contract/api/host-views";
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import { type Centre, eventually, offerNewerAgent, startCentre } from "./centre";
import { Machine } from "./machine";

/**
 * A host's life under a real systemd, told once, in order: installed by the copied command, given a VM, its agent restarted, killed and
 * upgraded, the machine rebooted while the centre is away. What each part needs is what the one before left. See docs/lab.md.
 */
const dir = mkdtempSync("/var/tmp/indium-lab-");
// Postgres and VMs run as other users, who pass through.
chmodSync(dir, 0o711);
const machine = new Machine(dir);
let centre: Centre;
let hostId: `h-${string}`;
let instanceId: `i-${string}`;
/** What each VM here is made of. */
let tiny: Pick<Parameters<Centre["api"]["instance"]["create"]["mutate"]>[0], "organizationId" | "imageId" | "sizeId" | "hostId">;
let command: string;
/** When the VM was asked for, by performance.now(). */
let created = 0;

/** The same life on Ubuntu 24.04, where its packages can be had (docs/lab.md). */
const UBUNTU = process.env.INDIUM_LAB_SYSTEM === "ubuntu";
const STATE = "/var/lib/indium-agent";
const scope = (): string => `indium-vm-${instanceId}.scope`;
const host = async (): Promise<HostView> => centre.api.host.get.query({ hostId });
const state = async (): Promise<string> => (await centre.api.instance.get.query({ instanceId })).state;
const online = () => eventually("the host online", host, ({ state }) => state === "online", 300_000);
/** The one QEMU of our instance, by its scope. @throws when there is none, or another. */
const vmPid = async (): Promise<number> => {
  const pids = (await machine.run(`cat /sys/fs/cgroup/indium.slice/${scope()}/cgroup.procs`)).split("\n");
  expect(pids).toHaveLength(1);
  expect(await machine.run(`tr '\\0' ' ' </proc/${pids[0]}/cmdline`)).toContain(`guest=${instanceId}`);
  return Number(pids[0]);
};
const agentPid = () => machine.run("systemctl show -p MainPID --value indium-agent").then(Number);
const property = (unit: string, name: string) => machine.run(`systemctl show -p ${name} --value ${unit}`);
/** A new agent has adopted the VM once it says so to the centre. */
const adopted = async (pid: number): Promise<void> => {
  await online();
  await eventually("the instance running", state, (shown) => shown === "running", 300_000);
  expect(await vmPid()).toBe(pid);
};
const took = (what: string, since: number) => console.log(`  ${what}: ${Math.round((performance.now() - since) / 1000)} s`);

beforeAll(async () => {
  const began = performance.now();
  const booted = machine.boot().then(() => took("the lab's machine booted", began));
  [centre] = await Promise.all([startCentre(dir).finally(() => took("the centre was ready", began)), booted]);
});

afterAll(async () => {
  await machine.stop();
  await centre?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const onFailureShowLog = (): void =>
  onTestFailed(async () => {
    console.log(
      (await machine.try("journalctl -u indium-agent -n 60 -o cat; systemctl --no-pager status 'indium-vm-*' indium-agent")).stdout,
    );
  });

describe("installed by the command copied from the dashboard", () => {
  test("it is a host: pinned, enrolled, its service running and linked", async () => {
    onFailureShowLog();
    const sites = await centre.api.site.list.query({ organizationId: centre.organizationId });
    const created = await centre.api.enrolment.create.mutate({
      organizationId: centre.organizationId,
      siteId: sites[0]?.id as `site-${string}`,
    });
    ({ command } = created);
    expect(command).toMatch(/^curl -fsSL -k --pinnedpubkey 'sha256\/\/.+' https:\/\/192\.0\.2\.1:/);
    const began = performance.now();
    const said = await machine.run(`${command} 2>&1`, { timeoutMs: 600_000 });
    took("install.sh", began);
    console.log(said.replaceAll(/^/gm, "    "));
    expect(said).toContain(UBUNTU ? "ok ubuntu 24.04" : "ok debian 12");
    expect(said).toContain("is up. Agent");
    expect(await machine.run("systemctl is-active indium-agent; systemctl is-enabled indium-agent")).toBe("active\nenabled");
    const enrolment = await centre.api.enrolment.get.query({ enrolmentId: created.enrolment.id });
    hostId = enrolment.hostId as `h-${string}`;
    const { facts } = await eventually("its facts", host, (view) => view.state === "online" && view.facts !== null, 120_000);
    expect(facts).toMatchObject({ hostname: "lab", driver: "qemu", acceleration: "tcg", vmLimits: { kind: "systemd", reason: null } });
    expect(facts?.operatingSystem).toContain(UBUNTU ? "Ubuntu 24.04" : "Debian GNU/Linux 12");
    expect(facts?.nics).toContainEqual(
      expect.objectContaining({ name: "eth0", addresses: expect.arrayContaining(["192.0.2.10/24"]), uplink: true }),
    );
    expect(facts?.warnings.map(({ code }) => code)).not.toContain("no_bridge_conntrack");
  });

  test("its link moves to WireGuard, which is its own kernel's", async () => {
    onFailureShowLog();
    const path = await eventually(
      "the overlay",
      async () => (await host()).usage?.path,
      (way) => way?.kind === "overlay",
      300_000,
    );
    console.log(`    ${JSON.stringify(path)}`);
    expect(await machine.run("wg show interfaces")).toMatch(/^\S+$/);
    expect(await machine.run('ip -d -o link show "$(wg show interfaces)"')).toContain("wireguard");
    expect(await machine.run("pidof wireguard-go || echo none")).toBe("none");
    expect(await machine.run('wg show "$(wg show interfaces)" latest-handshakes | cut -f 2')).toMatch(/^[1-9]\d+$/);
  }, 400_000);

  test("another key than the pinned one is refused before anything is sent", async () => {
    const wrong = command.replaceAll(/sha256\/\/[A-Za-z0-9+/]{43}=/g, `sha256//${"A".repeat(43)}=`);
    const said = await machine.try(`bash -o pipefail -c ${JSON.stringify(wrong)} 2>&1`);
    expect(said.code).not.toBe(0);
  });

  test("the service is hardened as far as it says", async () => {
    const security = await machine.run("systemd-analyze security --no-pager indium-agent | tail -n 1");
    console.log(`    ${security}`);
    const exposure = Number(/level for indium-agent.service: ([\d.]+)/.exec(security)?.[1]);
    expect(exposure).toBeLessThan(7);
    expect(await machine.run(`grep -E '^(NoNewPrivs|Seccomp):' /proc/${await agentPid()}/status | tr '\\n' ' '`)).toMatch(
      /NoNewPrivs:\s*1 Seccomp:\s*2/,
    );
  });
});

describe("a VM", () => {
  test("starts in a scope of its own, with its limits, as a user without privileges", async () => {
    onFailureShowLog();
    const { organizationId } = centre;
    const images = await eventually(
      "Tiny's image",
      () => centre.api.image.list.query({ organizationId }),
      (list) => list.some(({ operatingSystem, state }) => operatingSystem === "tiny" && state === "ready"),
      120_000,
    );
    tiny = {
      organizationId,
      imageId: images.find(({ operatingSystem }) => operatingSystem === "tiny")?.id as `img-${string}`,
      sizeId: (await centre.api.size.list.query())[0]?.id as `size-${string}`,
      hostId,
    };
    created = performance.now();
    ({ instanceId } = await centre.api.instance.create.mutate({ ...tiny, name: "tiny", requestKey: `lab-${process.pid}` }));
    await eventually("the instance running", state, (shown) => shown === "running", 240_000);
    took("the VM was started", created);
    const pid = await vmPid();
    const { vcpus, memoryBytes } = await centre.api.instance.get.query({ instanceId });
    const group = `/sys/fs/cgroup/indium.slice/${scope()}`;
    expect(Number(await machine.run(`cat ${group}/memory.max`))).toBe(memoryBytes + Math.ceil(memoryBytes / 16) + (512 + 1024) * 1024 ** 2);
    expect(await machine.run(`cat ${group}/cpu.max`)).toBe(`${(vcpus + 1) * 100_000} 100000`);
    expect(await machine.run(`cat ${group}/cpu.weight ${group}/pids.max`)).toBe(`${vcpus * 100}\n${vcpus + 512}`);
    expect(
      await machine.run(`cat /proc/$(pidof -s systemd || echo 1)/comm; grep -E '^(Uid|CapEff|NoNewPrivs)' /proc/${pid}/status`),
    ).toMatch(/CapEff:\s*0000000000000000[\s\S]*NoNewPrivs:\s*1/);
    expect(await machine.run("cat /sys/fs/cgroup/system.slice/indium-agent.service/cgroup.procs")).not.toContain(String(pid));
  });

  test("has a TPM, whose state the system's own confinement lets it keep", async () => {
    onFailureShowLog();
    const { instanceId } = await centre.api.instance.create.mutate({
      ...tiny,
      name: "tpm",
      tpm: true,
      requestKey: `lab-tpm-${process.pid}`,
    });
    await eventually(
      "the instance with a TPM running",
      async () => (await centre.api.instance.get.query({ instanceId })).state,
      (shown) => shown === "running",
      240_000,
    );
    const confined = await machine.run("cat /proc/$(pidof -s swtpm)/attr/current");
    console.log(`    swtpm: ${confined}`);
    expect(confined).toMatch(UBUNTU ? /swtpm \(enforce\)/ : /unconfined/);
    expect(await machine.run(`ls ${STATE}/vms/${instanceId}/tpm`)).toContain("tpm2-00.permall");
    await centre.api.instance.delete.mutate({ instanceId });
    await machine.until("its end", `! test -e ${STATE}/vms/${instanceId} && ! pidof swtpm`);
  }, 600_000);
});

describe("the agent", () => {
  test("is restarted, and the VM does not notice", async () => {
    onFailureShowLog();
    const [vm, agent] = [await vmPid(), await agentPid()];
    await machine.run("systemctl restart indium-agent");
    expect(await agentPid()).not.toBe(agent);
    await adopted(vm);
  });

  test("is stopped for a while, and the VM does not notice", async () => {
    const vm = await vmPid();
    await machine.run("systemctl stop indium-agent");
    expect(await vmPid()).toBe(vm);
    expect(await property(scope(), "ActiveState")).toBe("active");
    await machine.run("systemctl start indium-agent");
    await adopted(vm);
  });

  test("is killed with SIGKILL, comes back by itself, and the VM does not notice", async () => {
    onFailureShowLog();
    const [vm, agent] = [await vmPid(), await agentPid()];
    await machine.run(`kill -9 ${agent}`);
    await machine.until("another agent", `p=$(systemctl show -p MainPID --value indium-agent); [ $p != 0 ] && [ $p != ${agent} ]`);
    await adopted(vm);
  });

  test("is upgraded in place: the same host, the same VM, another agent; and goes back", async () => {
    onFailureShowLog();
    const vm = await vmPid();
    const membership = await machine.run(
      `sha256sum ${STATE}/membership.json ${STATE}/host.key 2>/dev/null || sha256sum ${STATE}/membership.json`,
    );
    const before = (await host()).facts?.agentVersion;
    const version = offerNewerAgent(centre.distDir);
    expect(version).not.toBe(before);
    const [, pin] = /(--pinnedpubkey '[^']+')/.exec(command) ?? [];
    const began = performance.now();
    const said = await machine.run(`curl -fsSL -k ${pin} ${centre.origin}/install.sh | sudo sh 2>&1`, { timeoutMs: 600_000 });
    took("the upgrade", began);
    expect(said).toContain(`Agent ${version} runs; VMs that were running still are`);
    await eventually("the new version", host, (view) => view.facts?.agentVersion === version && view.state === "online", 300_000);
    expect((await host()).id).toBe(hostId);
    expect(
      await machine.run(`sha256sum ${STATE}/membership.json ${STATE}/host.key 2>/dev/null || sha256sum ${STATE}/membership.json`),
    ).toBe(membership);
    await adopted(vm);
    await machine.run(`curl -fsSL -k ${pin} ${centre.origin}/install.sh | sudo sh -s -- --rollback 2>&1`, { timeoutMs: 600_000 });
    await eventually("the version before", host, (view) => view.facts?.agentVersion === before && view.state === "online", 120_000);
    await adopted(vm);
  }, 900_000);

  // Last, since it began long before: emulated in the emulation, a boot of seconds takes many minutes of a busy machine.
  test("was restarted, killed and replaced while its VM booted, and the VM boots all the same", async () => {
    onFailureShowLog();
    await machine.until("Tiny", `grep -q TINY-READY ${STATE}/vms/${instanceId}/serial.log`, 2_400_000);
    took("nested Tiny was ready at the latest", created);
  }, 2_500_000);
});

describe("what only its kernel can do", () => {
  test("WireGuard without a program beside it: peers come, go and change", async () => {
    console.log((await machine.runInside("wireguard", 300_000)).replaceAll(/^/gm, "    "));
  }, 400_000);

  test("a direct tunnel between two hosts, and WireGuard inside a stream, by that WireGuard", async () => {
    for (const name of ["direct-tunnels", "carrier"]) console.log((await machine.runInside(name, 400_000)).replaceAll(/^/gm, "    "));
  }, 900_000);

  test("VLANs of a LAN bridge", async () => {
    console.log((await machine.runInside("vlan", 900_000)).replaceAll(/^/gm, "    "));
  }, 1_000_000);

  test("security groups by connection tracking on bridges", async () => {
    console.log((await machine.runInside("security-groups", 1_800_000)).replaceAll(/^/gm, "    "));
  }, 1_900_000);
});

describe("the machine", () => {
  test("is rebooted while the centre is away: agent and VM come up by themselves; then it is online again", async () => {
    onFailureShowLog();
    const bootId = await machine.run("cat /proc/sys/kernel/random/boot_id");
    centre.cut(true);
    try {
      const began = performance.now();
      await machine.reboot();
      took("the reboot", began);
      expect(await machine.run("cat /proc/sys/kernel/random/boot_id")).not.toBe(bootId);
      await machine.until("the VM's scope", `grep -q . /sys/fs/cgroup/indium.slice/${scope()}/cgroup.procs`, 600_000);
      await vmPid();
      expect(await machine.run("journalctl -b -u indium-agent -o cat")).not.toContain(" linked");
      // The agent was the first to stop, so none of it was taken for a crash.
      expect(await machine.run("journalctl -b -1 -u indium-agent -o cat | tail -n 30")).not.toMatch(/crash/i);
    } finally {
      centre.cut(false);
    }
    await adopted(await vmPid());
  }, 900_000);
});
