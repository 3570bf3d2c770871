import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run, spawnChild } from "../system/exec";
import { whyNoLab } from "./testing/lab";

const skip = await whyNoLab();
if (skip !== null) console.warn(`bind helper test skipped: ${skip}`);
const namespace = `indium-bind-${process.pid}`;

describe.skipIf(skip !== null)("an agent killed while it binds a NIC's sockets", () => {
  beforeAll(async () => {
    await run("ip", ["netns", "add", namespace]);
    await run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
  });
  afterAll(async () => {
    for (const pid of await inNamespace()) process.kill(pid, "SIGKILL");
    await run("ip", ["netns", "del", namespace], { allowFailure: true });
  });

  const inNamespace = async (): Promise<number[]> =>
    (await run("ip", ["netns", "pids", namespace])).stdout.split("\n").map(Number).filter(Boolean);

  it("leaves no helper behind that would hold them for ever", async () => {
    // At which moment of the helper's life the agent dies is chance: each of these hit more often than not before.
    for (let round = 0; round < 8; round++) {
      const script = fileURLToPath(new URL("./testing/bind-and-wait.ts", import.meta.url));
      const agent = spawnChild(process.execPath, ["--import", "tsx", script, namespace]);
      const gone = new Promise<void>((resolve) => agent.once("exit", () => resolve()));
      await new Promise<void>((resolve) => agent.stdout?.once("data", () => resolve()));
      // On a busy machine it may have come and gone before it was looked for.
      const seen = Date.now() + 3_000;
      while ((await inNamespace()).length === 0 && agent.exitCode === null && Date.now() < seen) await sleep(2);
      await sleep(round * 25);
      agent.kill("SIGKILL");
      await gone;
      for (let tries = 0; tries < 100 && (await inNamespace()).length > 0; tries++) await sleep(100);
      expect(await inNamespace()).toEqual([]);
    }
  });
});
