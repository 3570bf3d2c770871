import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { run } from "../system/exec";

const tiny = process.env.INDIUM_TINY_IMAGE ?? fileURLToPath(new URL("../../../../dist/guest/tiny.qcow2", import.meta.url));

async function whyNot(): Promise<string | null> {
  if (process.getuid?.() !== 0) return "needs root to make network namespaces";
  for (const tool of ["ip", "nft", "nsenter", "qemu-system-x86_64", "qemu-img"])
    if ((await run("which", [tool], { allowFailure: true })).code !== 0) return `needs ${tool}`;
  return existsSync(tiny) ? null : `needs ${tiny} (npm run image)`;
}

const skip = await whyNot();
if (skip !== null) console.warn(`host reboot test skipped: ${skip}`);

const namespace = `indium-reboot-${process.pid}`;
const runDir = `/run/indium-reboot-${process.pid}`;
let stateDir = "";

describe.skipIf(skip !== null)("a host that lost its power", () => {
  afterAll(async () => {
    await run("ip", ["netns", "del", namespace], { allowFailure: true });
    if (stateDir !== "") await rm(stateDir, { recursive: true, force: true });
    await rm(runDir, { recursive: true, force: true });
  });

  it("brings its VMs up with network, metadata and consoles before any centre answers, and tells in order what happened afterwards", {
    timeout: 600_000,
  }, async () => {
    await run("ip", ["netns", "add", namespace]);
    await run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    stateDir = await mkdtemp(join(tmpdir(), "indium-reboot-"));
    await chmod(stateDir, 0o711);
    const scenario = fileURLToPath(new URL("./test-host-reboot.ts", import.meta.url));
    const result = await run(
      "nsenter",
      [`--net=/run/netns/${namespace}`, process.execPath, "--import", "tsx", scenario, stateDir, runDir, tiny],
      { timeoutMs: 580_000 },
    );
    const findings: unknown = JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "null");
    expect(findings, result.stderr).toEqual({
      // The loopback alone.
      lost: 1,
      cameUp: true,
      vnc: "RFB 003.008",
      serial: "survivor",
      tap: true,
      filtered: true,
      stoppedStaysDown: true,
      reportedBeforeTheCentre: 0,
      inOrder: true,
      times: true,
      told: expect.arrayContaining(["host.facts", "instance.observed", "instance.step"]),
    });
  });
});
