import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { newId } from "@indium/contract/plain/ids";
import { ReportItem } from "@indium/contract/report";
import { signEnvelope } from "@indium/tunnel/envelope";
import { createFixture, reportsIn } from "../../../relay/src/test-support/fixture";
import { vmPaths } from "../drivers/qemu/paths";
import { readEnv } from "../env";
import { Ledger } from "../ledger/ledger";
import { FileLedgerStore } from "../ledger/ledger-store";
import { loadIdentity, type Membership } from "../link/identity";
import { ownerTag } from "../network/names";
import { Reconciler } from "../reconciler/reconciler";
import { desiredInstance, NETWORK } from "../reconciler/testing/test-host";
import { systemClock } from "../system/clock";
import { run } from "../system/exec";
import { createLog } from "../system/log";
import { startHostAgent } from "./host-agent";
import { createRealParts } from "./real-parts";

/**
 * A host loses its power while Tiny runs on it, and comes back without any centre: run by the integration test in a network namespace of
 * its own. The power cut is played: QEMU killed, and everything gone that lives in memory (interfaces, rules, namespaces, /run).
 * Prints one JSON line of findings.
 *
 *   test-host-reboot.ts <state directory> <run directory> <tiny.qcow2>
 */
const [stateDir = "", runDir = "", tiny = ""] = process.argv.slice(2);
const findings: Record<string, unknown> = {};
const log = createLog({ format: "plain", level: "warn" });
/** Namespaces show in /run/netns machine-wide: others run their VMs beside this one. */
const ownNamespaces = async (): Promise<string[]> =>
  (await readdir("/run/netns").catch(() => [])).filter((name) => name.startsWith(`indium-md-${ownerTag(stateDir)}-`));

const fixture = await createFixture();
const gone = newId("host");
const identity = await loadIdentity(stateDir);
fixture.centre.hosts.set(identity.signing.publicKey, gone);
const reported: ReportItem[] = [];
fixture.centre.handlers.ingestReports = async ({ reports }) => {
  reported.push(...reportsIn(reports).items.map((item) => ReportItem.parse(item)));
  return { ack: fixture.centre.ackOf(reports) };
};

// The relay is behind this address, which nothing answers until the centre "comes back".
const reserved = createTcpServer();
await new Promise<void>((resolve) => reserved.listen(0, "127.0.0.1", resolve));
const relayPort = portOf(reserved.address());
await new Promise((resolve) => reserved.close(resolve));

const sha256 = createHash("sha256")
  .update(await readFile(tiny))
  .digest("hex");
const images = createServer((_request, response) => createReadStream(tiny).pipe(response));
await new Promise<void>((resolve) => images.listen(0, "127.0.0.1", resolve));
const image = {
  id: "img-00000000000000001",
  name: "Tiny",
  sha256,
  sizeBytes: (await stat(tiny)).size,
  source: { kind: "url", url: `http://127.0.0.1:${portOf(images.address())}/tiny.qcow2` },
} as const;

const env = readEnv({
  INDIUM_AGENT_STATE_DIR: stateDir,
  INDIUM_AGENT_RUN_DIR: runDir,
  INDIUM_ACCEL: "tcg",
  INDIUM_ALLOW_PRIVATE_IMAGE_HOSTS: "127.0.0.1",
});
const membership: Membership = {
  formatVersion: 1,
  hostId: gone,
  centrePublicKey: fixture.centreKeys.publicKey,
  relayUrls: [`http://127.0.0.1:${relayPort}`],
  origin: "http://127.0.0.1:9",
  tlsPin: null,
};
const base = desiredInstance({ name: "survivor", memoryBytes: 128 * 1024 * 1024, guestAgent: "none" });
const instance = {
  ...base,
  rootVolume: { ...base.rootVolume, sizeBytes: 64 * 1024 * 1024 },
  metadata: { ...base.metadata, hostname: "survivor" },
};
const stopped = { ...desiredInstance({ name: "stays-down", desired: "stopped", guestAgent: "none" }) };
stopped.nics[0] = { ...(stopped.nics[0] as (typeof stopped.nics)[0]), macAddress: "52:54:00:12:34:57" };
const paths = vmPaths({ stateDir, runDir }, instance.id);
const boots = async (): Promise<number> =>
  (await readFile(paths.serialLog, "latin1").catch(() => "")).split("TINY-READY survivor").length - 1;
const pidOf = async (): Promise<number> => Number((JSON.parse(await readFile(paths.processFile, "utf8")) as { pid: number }).pid);

async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 180_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The first life: a document is accepted and the VM boots. */
async function firstLife(): Promise<void> {
  const parts = await createRealParts({ env, membership, log });
  const ledger = await Ledger.load(new FileLedgerStore(join(stateDir, "ledger")));
  const reconciler = new Reconciler({
    ...parts,
    hostId: gone,
    centrePublicKey: membership.centrePublicKey,
    hostname: "host-1",
    ledger,
    clock: systemClock,
    log,
    report: () => {},
    openSecrets: () => null,
  });
  reconciler.start();
  const document = {
    formatVersion: 1,
    hostId: gone,
    centreEpoch: 1,
    generation: 1,
    issuedAt: Date.now(),
    networks: [NETWORK],
    images: [image],
    instances: [instance, stopped],
  };
  await reconciler.apply(signEnvelope("desired-document", document, fixture.centreKeys.privateKey));
  // By its name the guest shows that network and metadata work: it has it from there.
  await until("the first boot", async () => (await boots()) >= 1);
  await reconciler.close();
  await parts.networks.close();
}

/** What a power cut takes with it. Image server and centre are gone, too. */
async function loseMemory(): Promise<void> {
  process.kill(await pidOf(), "SIGKILL");
  images.close();
  images.closeAllConnections();
  const namespaces = await ownNamespaces();
  if (namespaces.length === 0) throw new Error("no metadata namespace to lose");
  for (const name of namespaces) await run("ip", ["netns", "del", name]);
  await run("nft", ["flush", "ruleset"]);
  for (const line of (await run("ip", ["-o", "link"])).stdout.split("\n")) {
    const name = /^\d+: ([^:@]+)/.exec(line)?.[1];
    if (name !== undefined && name !== "lo") await run("ip", ["link", "del", name], { allowFailure: true });
  }
  await rm(runDir, { recursive: true, force: true });
  // Another boot of the kernel: the pid may mean any other process now.
  const process_ = JSON.parse(await readFile(paths.processFile, "utf8")) as object;
  await writeFile(paths.processFile, JSON.stringify({ ...process_, pid: process.pid, bootId: "00000000-0000-4000-8000-000000000000" }));
}

/** What a console says first, or after being sent something. */
async function consoleSays(socket: Socket, wanted: RegExp, send: string | null): Promise<string> {
  let said = "";
  socket.on("data", (chunk: Buffer) => {
    said += chunk.toString("latin1");
  });
  const again = send === null ? null : setInterval(() => socket.write(send), 1_000);
  await until(`${wanted} on a console`, () => wanted.test(said), 60_000).finally(() => {
    if (again !== null) clearInterval(again);
    socket.destroy();
  });
  return wanted.exec(said)?.[0] ?? "";
}

let agent: Awaited<ReturnType<typeof startHostAgent>> | null = null;
let proxy: ReturnType<typeof createTcpServer> | null = null;
try {
  await firstLife();
  await loseMemory();
  findings.lost = (await run("ip", ["-o", "link"])).stdout.trim().split("\n").length;

  const parts = await createRealParts({ env, membership, log: createLog({ format: "plain", level: "error" }) });
  agent = await startHostAgent({ stateDir, identity, membership, parts, log: createLog({ format: "plain", level: "error" }) });
  await until("the boot after the power cut", async () => (await boots()) >= 2);
  findings.cameUp = true;
  findings.vnc = await consoleSays(connect(paths.vncSocket), /RFB 003\.008/, null);
  findings.serial = await consoleSays(connect(paths.serialSocket), /survivor/, "\r");
  const links = (await run("ip", ["-o", "link"])).stdout;
  findings.tap = /\bit[0-9a-f]{8}\b/.test(links);
  findings.filtered = (await run("nft", ["list", "tables"])).stdout.includes("netdev");
  findings.stoppedStaysDown = !(await access(vmPaths({ stateDir, runDir }, stopped.id).processFile).then(
    () => true,
    () => false,
  ));
  findings.reportedBeforeTheCentre = reported.length;

  // The centre is back: what was queued on disk arrives, in order, each number once.
  const { port } = new URL(fixture.url);
  proxy = createTcpServer((near) => {
    const far = connect(Number(port), "127.0.0.1");
    near.on("error", () => far.destroy()).pipe(far);
    far.on("error", () => near.destroy()).pipe(near);
  });
  await new Promise<void>((resolve) => proxy?.listen(relayPort, "127.0.0.1", resolve));
  await until("the reports", () => reported.some(({ body }) => body.kind === "instance.observed" && body.state === "running"));
  const seqs = reported.map(({ seq }) => seq);
  findings.inOrder = seqs.every((seq, index) => index === 0 || seq > (seqs[index - 1] ?? 0));
  findings.times = reported.every(({ at }, index) => index === 0 || at >= (reported[index - 1]?.at ?? 0));
  findings.told = [...new Set(reported.map(({ body }) => body.kind))].sort();
} catch (error) {
  findings.error = error instanceof Error ? error.message : String(error);
} finally {
  await agent?.close();
  proxy?.close();
  const user = await pidOf().catch(() => 0);
  if (user > 1 && user !== process.pid) process.kill(user, "SIGKILL");
  await fixture.close();
  for (const name of await ownNamespaces()) await run("ip", ["netns", "del", name], { allowFailure: true });
  console.log(JSON.stringify(findings));
  process.exit(0);
}

function portOf(address: ReturnType<ReturnType<typeof createTcpServer>["address"]>): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
