import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, anonymousClient, signIn } from "../e2e/api-client";
import { startInstallation } from "../e2e/installation";
import { buildGuestImage, TINY } from "../scripts/guest-images";
import { withLibvirt } from "./libvirt";
import { median } from "./median";

/**
 * Create accepted → QEMU running, with a warm image, through web, relay and agent, against
 * `virt-install --import --noautoconsole` with libvirt (a warm daemon), in turn on the same machine.
 */
/** The figures are the host's own moments: looking more often would only take processor time from what is measured. */
const POLL_MS = 200;
const RUNS = Number(process.env.BENCH_RUNS ?? 9);
/** The peer's VM has a NIC as ours has, on a bridge that is there already. */
const BRIDGE = `ibench${process.pid}`.slice(0, 15);
const password = "a long bench password";

interface Bench {
  readonly api: ApiClient;
  readonly organizationId: `org-${string}`;
  readonly imageId: `img-${string}`;
  readonly sizeId: `size-${string}`;
  readonly kvm: boolean;
}

async function setUp(setupUrl: string): Promise<Bench> {
  const { origin, searchParams } = new URL(setupUrl);
  await anonymousClient(origin).setup.complete.mutate({
    token: searchParams.get("token") ?? "",
    name: "Bench",
    email: "bench@example.org",
    password,
    organizationName: "Bench",
    siteName: "Here",
  });
  const api = await signIn(origin, "bench@example.org", password);
  const { organizations } = await api.session.get.query();
  const organizationId = organizations[0]?.id;
  if (!organizationId) throw new Error("set-up made no organization");
  for (let tries = 0; tries < 600; tries++) {
    const [images, hosts, sizes] = await Promise.all([
      api.image.list.query({ organizationId }),
      api.host.list.query({ organizationId }),
      api.size.list.query(),
    ]);
    const tiny = images.find((image) => image.operatingSystem === "tiny" && image.state === "ready");
    const size = sizes[0];
    const host = hosts.find(({ state }) => state === "online");
    if (tiny && size && host) return { api, organizationId, imageId: tiny.id, sizeId: size.id, kvm: host.facts?.acceleration === "kvm" };
    await sleep(200);
  }
  throw new Error("the host or the Tiny image was not ready in time");
}

interface Created {
  /** Ms from the answer to the request, and from the request itself, to the moment QEMU ran; all by this machine's clock. */
  readonly accepted: number;
  readonly total: number;
  /** When each step of the timeline began and ended, in ms after the request. */
  readonly steps: readonly { readonly name: string; readonly from: number; readonly to: number }[];
}

async function ours(bench: Bench, run: number): Promise<Created> {
  const { api, organizationId, imageId, sizeId } = bench;
  const asked = Date.now();
  const { instanceId } = await api.instance.create.mutate({
    organizationId,
    name: `bench-${run}`,
    imageId,
    sizeId,
    requestKey: `bench-key-${run}`,
  });
  const accepted = Date.now();
  for (;;) {
    const view = await api.instance.get.query({ instanceId });
    const started = view.timeline.find((step) => step.step === "start");
    if (started?.endedAt) {
      await api.instance.delete.mutate({ instanceId });
      while ((await api.instance.list.query({ organizationId })).items.length > 0) await sleep(POLL_MS);
      const steps = view.timeline.flatMap(({ step, startedAt, endedAt }) =>
        startedAt === null || endedAt === null || endedAt > (started.endedAt ?? endedAt)
          ? []
          : [{ name: step, from: startedAt.getTime() - asked, to: endedAt.getTime() - asked }],
      );
      return { accepted: started.endedAt.getTime() - accepted, total: started.endedAt.getTime() - asked, steps };
    }
    if (view.state === "failed") throw new Error(view.error?.message ?? "the instance failed");
    await sleep(POLL_MS);
  }
}

function theirs(dir: string, image: string, kvm: boolean, run: number): number {
  const name = `indium-bench-${process.pid}-${run}`;
  const disk = join(dir, `${name}.qcow2`);
  const began = performance.now();
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", "-b", image, "-F", "qcow2", disk, "1G"]);
  const made = spawnSync(
    "virt-install",
    [
      ...["--connect", "qemu:///system", "--import", "--noautoconsole", "--name", name, "--memory", "256", "--vcpus", "1"],
      ...[
        "--disk",
        disk,
        "--network",
        `bridge=${BRIDGE},model=virtio`,
        "--graphics",
        "vnc",
        "--virt-type",
        kvm ? "kvm" : "qemu",
        "--osinfo",
        "detect=off,require=off",
      ],
    ],
    { encoding: "utf8" },
  );
  const took = performance.now() - began;
  if (made.status !== 0) throw new Error(`virt-install failed: ${made.stderr}`);
  execFileSync("virsh", ["--connect", "qemu:///system", "destroy", name], { stdio: "ignore" });
  execFileSync("virsh", ["--connect", "qemu:///system", "undefine", name], { stdio: "ignore" });
  return took;
}

export async function benchCreate(): Promise<void> {
  if (process.getuid?.() !== 0) {
    console.log("create: skipped, it runs real VMs and needs root");
    return;
  }
  const image = await buildGuestImage(TINY);
  const stateDir = mkdtempSync("/var/tmp/indium-bench-");
  const installation = await startInstallation(stateDir, { args: ["--no-debian-image"], env: { INDIUM_PORT: "17780" } });
  try {
    const bench = await setUp(installation.setupUrl ?? "");
    const compare = (peer: boolean) => takeTurns(bench, peer ? (run) => theirs(stateDir, image, bench.kvm, run) : null);
    if (spawnSync("virt-install", ["--version"]).status === 0) {
      execFileSync("ip", ["link", "add", BRIDGE, "type", "bridge"]);
      execFileSync("ip", ["link", "set", BRIDGE, "up"]);
      await withLibvirt(bench.kvm, () => compare(true)).finally(() => execFileSync("ip", ["link", "del", BRIDGE]));
    } else {
      await compare(false);
      console.log("  no peer: apt-get install virtinst libvirt-daemon-system libvirt-clients");
    }
  } finally {
    await installation.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function takeTurns(bench: Bench, peer: ((run: number) => number) | null): Promise<void> {
  // Both warm: image in the cache, QEMU in memory, libvirt's notes of QEMU written.
  await ours(bench, 0);
  peer?.(0);
  const total: number[] = [];
  const accepted: number[] = [];
  const peers: number[] = [];
  const steps: Created["steps"][number][] = [];
  for (let run = 1; run <= RUNS; run++) {
    const one = await ours(bench, run);
    total.push(one.total);
    accepted.push(one.accepted);
    steps.push(...one.steps);
    if (peer) peers.push(peer(run));
  }
  const ms = (list: readonly number[]) =>
    `median ${median(list).toFixed(0)} ms (${Math.min(...list).toFixed(0)}–${Math.max(...list).toFixed(0)})`;
  console.log(`create: ${RUNS} runs each, in turn, Tiny, warm image, ${bench.kvm ? "KVM" : "emulation"}`);
  console.log(`  Indium, request sent → QEMU running      ${ms(total)}`);
  console.log(`  Indium, create accepted → QEMU running   ${ms(accepted)}`);
  for (const name of new Set(steps.map((step) => step.name))) {
    const of = steps.filter((step) => step.name === name);
    const at = (pick: (step: (typeof of)[number]) => number) => median(of.map(pick)).toFixed(0);
    console.log(`    ${name.padEnd(10)} ${at(({ from }) => from)}–${at(({ to }) => to)} ms after the request`);
  }
  if (!peer) return;
  console.log(`  virt-install --import, libvirt, a bridge ${ms(peers)}`);
  const ratio = (list: readonly number[]) => (median(list) / median(peers)).toFixed(2);
  console.log(`  ratio ${ratio(total)} (request sent), ${ratio(accepted)} (accepted); goal ≤ 0.5`);
}
