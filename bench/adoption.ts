import { type ChildProcess, fork } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { InstanceId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { createQemuHypervisor } from "../apps/agent/src/drivers/qemu/hypervisor";
import { vmPaths } from "../apps/agent/src/drivers/qemu/paths";
import { identify, writeProcessFile } from "../apps/agent/src/drivers/qemu/process";
import { median } from "./median";

/** An agent that starts under 100 running VMs: until each is found, known by its uuid and spoken to. The monitors are simulated. */
const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const VMS = 100;

export async function benchAdoption(): Promise<void> {
  if (process.getuid?.() !== 0) return console.log("adoption: skipped, it needs root");
  const base = mkdtempSync(join(tmpdir(), "ib-"));
  chmodSync(base, 0o755);
  const directories = { stateDir: join(base, "s"), runDir: join(base, "r") };
  const script = fileURLToPath(new URL("./adoption-monitors.ts", import.meta.url));
  let child: ChildProcess | null = null;
  try {
    const vms = Array.from({ length: VMS }, () => ({ id: newId("instance") as InstanceId, uuid: crypto.randomUUID() }));
    for (const { id } of vms) {
      const paths = vmPaths(directories, id);
      mkdirSync(paths.stateDir, { recursive: true });
      mkdirSync(paths.runDir, { recursive: true });
    }
    const sockets = vms.map(({ id, uuid }) => ({ path: vmPaths(directories, id).qmpSocket, uuid }));
    const monitors = fork(script, [], { execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child = monitors;
    await new Promise((resolve) => {
      monitors.once("message", resolve);
      monitors.send(sockets);
    });
    const identity = await identify(monitors.pid ?? 0);
    if (identity === null) throw new Error("the monitors ended");
    for (const { id, uuid } of vms)
      await writeProcessFile(vmPaths(directories, id).processFile, { ...identity, startedAt: Date.now(), guestUuid: uuid });

    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const began = performance.now();
      const hypervisor = await createQemuHypervisor({ ...directories, acceleration: { kind: "tcg", reason: "bench" } });
      const handles = await Promise.all(vms.map(({ id }) => hypervisor.find(id)));
      const states = await Promise.all(handles.map((handle) => handle?.state()));
      times.push(performance.now() - began);
      if (!states.every((state) => state === "running")) throw new Error(`not all were adopted: ${states.join(" ")}`);
      for (const handle of handles) handle?.release();
    }
    console.log(`adoption: ${VMS} running VMs, simulated monitors, median of ${RUNS}: ${median(times).toFixed(0)} ms (goal < 1000 ms)`);
  } finally {
    child?.kill("SIGKILL");
    rmSync(base, { recursive: true, force: true });
  }
}
