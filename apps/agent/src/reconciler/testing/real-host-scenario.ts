import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import type { InstanceId } from "@indium/contract/ids";
import type { DesiredInstance } from "@indium/contract/instance";
import { newId } from "@indium/contract/plain/ids";
import type { InstanceObservation, ReportBody } from "@indium/contract/report";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { createRealParts } from "../../bin/real-parts";
import { bootDisk } from "../../drivers/qemu/test-guest";
import { readEnv } from "../../env";
import type { HostParts } from "../../host/host-parts";
import { Ledger } from "../../ledger/ledger";
import { FileLedgerStore } from "../../ledger/ledger-store";
import type { Membership } from "../../link/identity";
import { systemClock } from "../../system/clock";
import { run } from "../../system/exec";
import { createLog } from "../../system/log";
import { Reconciler } from "../reconciler";
import { desiredInstance, NETWORK } from "./test-host";

/**
 * One VM's whole life on a real host: QEMU, taps, namespaces, disks. Run by the integration test in a network namespace of its
 * own, as a process of its own, because all of it belongs to the namespace the process is in. Prints one JSON line of findings.
 *
 *   real-host-scenario.ts <state directory> <run directory>
 */
const [stateDir = "", runDir = ""] = process.argv.slice(2);
const centre = generateSigningKeyPair();
const hostId = newId("host");
const log = createLog({ format: "plain", level: "warn" });
const reports: ReportBody[] = [];
const findings: Record<string, unknown> = {};

const disk = bootDisk();
const server = createServer((_request, response) => response.end(disk));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = server.address();
const port = typeof address === "object" && address !== null ? address.port : 0;

const image = {
  id: "img-00000000000000001",
  name: "boot sector",
  sha256: null,
  sizeBytes: null,
  source: { kind: "url", url: `http://127.0.0.1:${port}/disk.raw` },
} as const;

const env = readEnv({
  INDIUM_AGENT_STATE_DIR: stateDir,
  INDIUM_AGENT_RUN_DIR: runDir,
  INDIUM_ACCEL: "tcg",
  INDIUM_ALLOW_PRIVATE_IMAGE_HOSTS: "127.0.0.1",
});
const membership: Membership = {
  formatVersion: 1,
  hostId,
  centrePublicKey: centre.publicKey,
  relayUrls: ["http://127.0.0.1:9"],
  origin: "http://127.0.0.1:9",
  tlsPin: null,
};

async function startAgent(): Promise<{ reconciler: Reconciler; ledger: Ledger; parts: HostParts }> {
  const parts = await createRealParts({ env, membership, log });
  const ledger = await Ledger.load(new FileLedgerStore(join(stateDir, "ledger")));
  const reconciler = new Reconciler({
    hostId,
    centrePublicKey: centre.publicKey,
    hostname: "host-1",
    ledger,
    hypervisor: parts.hypervisor,
    networks: parts.networks,
    images: parts.images,
    volumes: parts.volumes,
    metadata: parts.metadata,
    clock: systemClock,
    log,
    report: (body) => reports.push(body),
    openSecrets: () => null,
  });
  reconciler.start();
  return { reconciler, ledger, parts };
}

let agent = await startAgent();
let instance: DesiredInstance = desiredInstance({ guestAgent: "none", memoryBytes: 64 * 1024 * 1024, stopGraceMs: 20_000 });
instance = { ...instance, rootVolume: { ...instance.rootVolume, sizeBytes: 16 * 1024 * 1024 } };
const { id } = instance;
let generation = 0;

async function wish(changes: Partial<DesiredInstance>): Promise<void> {
  generation += 1;
  instance = { ...instance, ...changes, generation };
  const document = {
    formatVersion: 1,
    hostId,
    centreEpoch: 1,
    generation,
    issuedAt: Date.now(),
    networks: [NETWORK],
    images: [image],
    instances: [instance],
  };
  await agent.reconciler.apply(signEnvelope("desired-document", document, centre.privateKey));
}

function observed(instanceId: InstanceId): InstanceObservation | undefined {
  return reports.filter((body) => body.kind === "instance.observed").findLast((body) => body.instanceId === instanceId);
}

async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 40_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never came: ${what}; last seen ${JSON.stringify(observed(id))}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const state =
  (wanted: string, applied = generation) =>
  () =>
    observed(id)?.state === wanted && observed(id)?.appliedGeneration === applied && observed(id)?.waiting === null;
const pid = (): number => agent.reconciler.drivers.get(id)?.vmHandle?.pid ?? 0;
const ready = async (times: number): Promise<boolean> =>
  (await agent.parts.hypervisor.serialTail(id, 100_000)).text.split("READY").length - 1 >= times;

try {
  await wish({});
  await until("running", state("running"));
  await until("the guest's first word", () => ready(1));
  findings.steps = reports
    .filter((body) => body.kind === "instance.step")
    .filter((body) => body.state === "succeeded")
    .map((body) => body.step)
    .sort();
  findings.image = reports.filter((body) => body.kind === "image.observed").at(-1)?.state;

  const first = pid();
  await agent.reconciler.close();
  await agent.parts.networks.close();
  agent = await startAgent();
  await until("adoption", () => pid() !== 0);
  findings.adopted = pid() === first;

  await wish({ power: { requestId: newId("request"), kind: "reboot", expiresAt: Date.now() + 60_000 } });
  await until("the reboot", () => pid() !== 0 && pid() !== first);
  await until("running after the reboot", state("running"));
  await until("the guest's word after the reboot", () => ready(2));
  findings.rebooted = true;

  const second = pid();
  process.kill(second, "SIGKILL");
  await until("another process after the crash", () => pid() !== 0 && pid() !== second);
  await until("running after the crash", state("running"));
  findings.crashSaid = reports.some((body) => body.kind === "instance.observed" && body.state === "crashed");
  await until("the guest's word after the crash", () => ready(3));

  await wish({ desired: "paused" });
  await until("paused", state("paused"));
  await wish({ desired: "running" });
  await until("resumed", state("running"));

  const stopping = Date.now();
  await wish({ desired: "stopped" });
  await until("stopped", state("stopped"));
  // The guest answers the power button: nobody waited for the force.
  findings.stoppedByAcpi = Date.now() - stopping < 15_000;
  await wish({ desired: "running" });
  await until("running again", state("running"));
  await until("the guest's word after the start", () => ready(4));

  const serial = await agent.reconciler.drivers.get(id)?.vmHandle?.openSerial();
  serial?.write("p");
  await until("the guest's own power-off", () => observed(id)?.state === "stopped" && observed(id)?.guestPoweredOff === true);
  serial?.destroy();
  findings.guestPoweredOff = true;

  await wish({ desired: "gone" });
  await until("gone", state("gone"));
  await until("no network", async () => agent.ledger.networksMade.length === 0);
} catch (error) {
  findings.error = error instanceof Error ? error.message : String(error);
} finally {
  await agent.parts.hypervisor.purge(id).catch(() => {});
  await agent.reconciler.close();
  await agent.parts.networks.close();
  server.close();
  const links = await run("ip", ["-o", "link"]);
  findings.linksLeft = links.stdout
    .split("\n")
    .map((line) => line.split(": ")[1] ?? "")
    .filter((name) => name !== "" && name !== "lo");
  findings.volumesLeft = await readdir(join(stateDir, "volumes"));
  findings.vmsLeft = await readdir(join(stateDir, "vms"));
  findings.rulesLeft = (await run("nft", ["list", "tables"])).stdout.trim();
  findings.processLeft = await readFile(`/proc/${pid() || 999_999_999}/cmdline`, "utf8").catch(() => "");
  console.log(JSON.stringify(findings));
  process.exit(0);
}
