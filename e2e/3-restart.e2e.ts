import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type ApiClient, signIn } from "./api-client";
import { BASE_URL, OWNER, STATE_DIR, serialLog } from "./helpers";
import { type Installation, startInstallation } from "./installation";
import { leftBehind } from "./left-behind";

// What a power cut, an update or a slip of the hand does to processes; the VM must not notice.
test.describe.configure({ mode: "serial" });

let api: ApiClient;
let acme: `org-${string}`;
let instanceId: `i-${string}`;
let again: Installation | null = null;
const name = `steady-${Date.now().toString(36)}`;

const pidOf = (process: string): number => Number(readFileSync(join(STATE_DIR, "run", `${process}.pid`), "utf8").split(" ")[0]);
/** 0 while there is none: QEMU is between two lives. */
const qemuPid = (): number => {
  try {
    return (JSON.parse(readFileSync(join(STATE_DIR, "agent/vms", instanceId, "process.json"), "utf8")) as { pid: number }).pid;
  } catch {
    return 0;
  }
};
const lives = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(instanceId);
  } catch {
    return false;
  }
};
const state = async () => (await api.instance.get.query({ instanceId })).state;

test.beforeAll(async () => {
  api = await signIn(BASE_URL, OWNER.email, OWNER.password);
  acme = (await api.session.get.query()).organizations.find((each) => each.name === "Acme")?.id ?? "org-";
  const images = await api.image.list.query({ organizationId: acme });
  ({ instanceId } = await api.instance.create.mutate({
    organizationId: acme,
    name,
    imageId: images.find(({ operatingSystem }) => operatingSystem === "tiny")?.id ?? "img-",
    sizeId: (await api.size.list.query())[0]?.id ?? "size-",
    requestKey: `e2e-${name}`,
  }));
  await expect.poll(() => serialLog(instanceId), { timeout: 120_000 }).toContain("TINY-READY");
});

test.afterAll(async () => {
  await again?.stop();
});

test("a VM outlives kill -9 of agent, relay, worker, web and front, and all of them come back", async () => {
  test.setTimeout(240_000);
  const vm = qemuPid();
  for (const process_ of ["agent", "relay", "worker", "web", "front"]) {
    const before = pidOf(process_);
    process.kill(before, "SIGKILL");
    await expect.poll(() => pidOf(process_), { timeout: 20_000, message: `${process_} is started again` }).not.toBe(before);
    await expect
      .poll(async () => (await api.host.list.query({ organizationId: acme }).catch(() => [])).find((host) => host.local)?.state, {
        timeout: 60_000,
        message: `this machine is online again after kill -9 of ${process_}`,
      })
      .toBe("online");
    expect(lives(vm)).toBe(true);
    await expect.poll(state).toBe("running");
  }
  expect(qemuPid()).toBe(vm);
});

test("a request sent while the agent is away is carried out when it is back", async () => {
  process.kill(pidOf("agent"), "SIGKILL");
  await api.instance.pause.mutate({ instanceId });
  await expect.poll(state, { timeout: 60_000 }).toBe("paused");
  await api.instance.resume.mutate({ instanceId });
  await expect.poll(state, { timeout: 60_000 }).toBe("running");
});

test("a crashed QEMU is started again by itself", async () => {
  const vm = qemuPid();
  process.kill(vm, "SIGKILL");
  await expect.poll(() => qemuPid() !== 0 && qemuPid() !== vm, { timeout: 60_000 }).toBe(true);
  await expect.poll(state, { timeout: 60_000 }).toBe("running");
});

test("Ctrl-C leaves the VM running and says so; the next start takes seconds and adopts it", async () => {
  test.setTimeout(180_000);
  const vm = qemuPid();
  const launcher = Number(process.env.E2E_LAUNCHER_PID);
  process.kill(launcher, "SIGTERM");
  await expect.poll(() => readdirSync(join(STATE_DIR, "run")).filter((file) => file.endsWith(".pid")), { timeout: 60_000 }).toEqual([]);
  expect(lives(vm)).toBe(true);
  again = await startInstallation(STATE_DIR);
  console.log(`the second start was ready after ${again.readySeconds.toFixed(1)} s`);
  expect(again.setupUrl).toBeNull();
  api = await signIn(BASE_URL, OWNER.email, OWNER.password);
  await expect.poll(state, { timeout: 60_000 }).toBe("running");
  expect(qemuPid()).toBe(vm);
  expect(lives(vm)).toBe(true);
});

test("deleted, it leaves nothing on the host", async () => {
  await api.instance.delete.mutate({ instanceId });
  await expect.poll(async () => (await api.instance.list.query({ organizationId: acme, search: name })).total, { timeout: 60_000 }).toBe(0);
  await expect.poll(() => leftBehind(STATE_DIR), { timeout: 30_000 }).toEqual([]);
});
