import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMetadataService } from "../metadata/service";
import { run, spawnChild } from "../system/exec";
import { createNetworkManager } from "./manager";
import { assignedNic, guestDocument, Lab, natNetwork, whyNoLab } from "./testing/lab";

const skip = await whyNoLab();
if (skip !== null) console.warn(`network integration tests skipped: ${skip}`);

describe.skipIf(skip !== null)("an agent that is killed", () => {
  const lab = new Lab();
  const network = natNetwork();
  const nic = assignedNic(network, 10);
  const document = guestDocument([nic], [network], "omega");
  const kills: (() => Promise<void>)[] = [];
  let guest = "";

  async function startAgent(): Promise<() => Promise<void>> {
    const script = fileURLToPath(new URL("./testing/serve-nic.ts", import.meta.url));
    const input = JSON.stringify({ stateDir: lab.stateDir, hostNetns: lab.host, document });
    const child = spawnChild(process.execPath, ["--import", "tsx", script, input]);
    let words = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      words += chunk.toString();
    });
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const kill = async (): Promise<void> => {
      child.kill("SIGKILL");
      await gone;
    };
    kills.push(kill);
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once("data", () => resolve());
      child.once("exit", () => reject(new Error(`the agent ended: ${words}`)));
    });
    return kill;
  }

  beforeAll(async () => {
    await lab.open();
    guest = await lab.guest(nic);
  });
  afterAll(async () => {
    for (const kill of kills) await kill();
    await lab.close();
  });

  const interfaces = async () =>
    (await run("ip", ["-n", lab.host, "-o", "link"])).stdout.split("\n").map((line) => line.replace(/ state \S+/, ""));

  it("serves again after its restart, with the same interfaces, rules and counters", async () => {
    const kill = await startAgent();
    expect((await lab.http(guest, "/latest/meta-data/hostname")).body).toBe("omega");
    const before = await interfaces();
    const manager = createNetworkManager({
      stateDir: lab.stateDir,
      metadata: createMetadataService({ log: () => {} }),
      vmUid: 65_534,
      hostNetns: lab.host,
      log: () => {},
    });
    const counted = (await manager.counters(nic.id)).metadata?.packets ?? 0;
    expect(counted).toBeGreaterThan(0);

    await kill();
    expect((await lab.http(guest, "/latest/meta-data/hostname")).status).toBe(0);
    expect(await lab.pings(guest, "192.0.2.1")).toBe(true);

    const started = Date.now();
    await startAgent();
    expect((await lab.http(guest, "/latest/meta-data/hostname")).body).toBe("omega");
    expect(Date.now() - started).toBeLessThan(20_000);
    expect(await interfaces()).toEqual(before);
    expect((await manager.counters(nic.id)).metadata?.packets).toBeGreaterThan(counted);
  });
});
