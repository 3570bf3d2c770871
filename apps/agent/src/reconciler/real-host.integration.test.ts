import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { run } from "../system/exec";

async function whyNot(): Promise<string | null> {
  if (process.getuid?.() !== 0) return "needs root to make network namespaces";
  for (const tool of ["ip", "nft", "nsenter", "qemu-system-x86_64", "qemu-img"]) {
    if ((await run("which", [tool], { allowFailure: true })).code !== 0) return `needs ${tool}`;
  }
  return null;
}

const skip = await whyNot();
if (skip !== null) console.warn(`real host integration test skipped: ${skip}`);

const namespace = `indium-rh-${process.pid}`;
const runDir = `/run/indium-rh-${process.pid}`;
let stateDir = "";

describe.skipIf(skip !== null)("a VM on a real host", () => {
  afterAll(async () => {
    await run("ip", ["netns", "del", namespace], { allowFailure: true });
    if (stateDir !== "") await rm(stateDir, { recursive: true, force: true });
    await rm(runDir, { recursive: true, force: true });
  });

  it("lives its whole life: made, adopted, rebooted, crashed, paused, stopped, powered off by itself, deleted without a trace", async () => {
    await run("ip", ["netns", "add", namespace]);
    await run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    stateDir = await mkdtemp(join(tmpdir(), "indium-rh-"));
    await chmod(stateDir, 0o711);
    const scenario = fileURLToPath(new URL("./testing/real-host-scenario.ts", import.meta.url));
    const result = await run(
      "nsenter",
      [`--net=/run/netns/${namespace}`, process.execPath, "--import", "tsx", scenario, stateDir, runDir],
      { timeoutMs: 110_000 },
    );
    const findings: unknown = JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "null");
    expect(findings, result.stderr).toEqual({
      steps: ["disk", "image", "network", "start"],
      image: "ready",
      adopted: true,
      rebooted: true,
      crashSaid: true,
      stoppedByAcpi: true,
      guestPoweredOff: true,
      linksLeft: [],
      volumesLeft: [],
      vmsLeft: [],
      rulesLeft: "",
      processLeft: "",
    });
  });
});
