import { chmodSync, existsSync, mkdirSync, statfsSync, statSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildAll } from "../build";
import { buildGuestImage, isBuilt, TINY } from "../guest-images";
import { admin } from "./admin";
import { agentProcess, simulatedProcess } from "./agent";
import { provideCloudInitSchema } from "./cloud-init-schema";
import { installLine, installPackages, missingPackages, missingWireGuard } from "./debian-packages";
import { buildGuestImages } from "./guest-images";
import { startPostgres } from "./postgres";
import { Processes, waitForHttp } from "./processes";
import { LauncherError, say, step } from "./say";
import { extraRelayEnvironment, processEnvironment, readSettings, type Settings } from "./settings";
import { allowSwtpm } from "./swtpm-apparmor";

/**
 * `npm start`: everything on one machine. In order: packages, Postgres, build, worker (which migrates), relay, web, front,
 * this machine's agent; then one URL. Ctrl-C stops all of it but the VMs; the next start adopts them.
 */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "../..");
const GIB = 1024 ** 3;

const USAGE = `npm start [-- options]   starts Indium on this machine

  --simulated         two simulated hosts instead of this machine
  --no-debian-image   do not build the Debian 12 guest image in the background
  --restored          the database was restored from a dump: once, at the first start after it (docs/operations/backup.md)
  --dev               dashboard with hot reload, simulated hosts, a demonstration account (npm run dev)

Settings come from the environment (docs/architecture.md): INDIUM_STATE_DIR, INDIUM_BIND, INDIUM_PORT, INDIUM_PUBLIC_URL, DATABASE_URL, …`;

async function main(): Promise<void> {
  if (process.argv.includes("--help")) {
    say.line(USAGE);
    return;
  }
  const settings = readSettings(root, process.argv.slice(2));
  const begun = performance.now();
  mkdirWithAdvice(settings.stateDir);
  checkDisk(settings);
  await checkPorts(settings);
  const simulated = await decideDriver(settings);
  await prepareOverlay(settings);

  let fatal: (message: string) => void = () => {};
  const processes = new Processes(settings.stateDir, (message) => fatal(message));
  const leftovers = await processes.endLeftovers();
  if (leftovers.length > 0) say.note(`An earlier start was killed; ended what it left behind: ${leftovers.join(", ")}`);

  const embedded =
    settings.databaseUrl === null
      ? await step(
          "Postgres",
          () => startPostgres({ dir: join(settings.stateDir, "postgres"), database: "indium" }),
          (pg) => (pg.adopted ? "was still running" : "started"),
        )
      : null;
  embedded?.keepRunning((sentence) => say.note(sentence));
  const env = processEnvironment(settings, embedded?.url ?? settings.databaseUrl ?? "");
  const cancelBackground = new AbortController();

  let stopping = false;
  const stop = async (code: number, why: string) => {
    if (stopping) return;
    stopping = true;
    say.line(`\n${why}`);
    cancelBackground.abort();
    await processes.stop();
    await embedded?.stop();
    say.line("Stopped: web, relay, agent and database. VMs keep running; the next npm start takes them up again.");
    process.exit(code);
  };
  fatal = (message) => {
    say.fail(message);
    void stop(1, "Stopping, because a part of Indium cannot run.");
  };
  process.on("SIGINT", () => void stop(0, "Stopping…"));
  process.on("SIGTERM", () => void stop(0, "Stopping…"));

  try {
    await step(
      "Build",
      () => buildAll({ web: !settings.development, onStart: (part) => say.dim(`building ${part}…`) }).catch(explainOwner),
      ({ built }) => (built.length === 0 ? "unchanged" : built.join(", ")),
    );
    const dist = join(root, "dist");
    if (settings.restored)
      await step(
        "Hosts will take the restored database's word",
        () => admin(env, ["raise-epoch"]),
        ({ centreEpoch }) => `epoch ${String(centreEpoch)}`,
      );
    await step("Database migrated, worker started", async () => {
      processes.start({ name: "worker", args: ["--enable-source-maps", join(dist, "web/worker.js")], env });
      await waitForHttp(`http://127.0.0.1:${settings.internalPort}/healthz`, { name: "worker", processes, timeoutMs: 60_000 });
    });
    await step("Relay, web and front started", async () => {
      const relay = ["--enable-source-maps", join(dist, "relay/main.js")];
      processes.start({ name: "relay", args: relay, env });
      for (const extra of settings.moreRelays)
        processes.start({ name: `relay-${extra.name}`, args: relay, env: extraRelayEnvironment(env, extra) });
      const webEnv = { ...env, PORT: String(settings.webPort), HOSTNAME: "127.0.0.1" };
      const web = join(root, "apps/web");
      if (settings.development)
        processes.start({
          name: "web",
          args: [join(root, "node_modules/next/dist/bin/next"), "dev", "-p", String(settings.webPort), "-H", "127.0.0.1"],
          env: webEnv,
          cwd: web,
        });
      else processes.start({ name: "web", args: [join(dist, "next/apps/web/server.js")], env: webEnv });
      processes.start({ name: "front", args: ["--enable-source-maps", join(dist, "web/front.js")], env });
      await waitForHttp(`http://127.0.0.1:${settings.relayPort}/relay/health`, { name: "relay", processes, timeoutMs: 30_000 });
      for (const { name, port } of settings.moreRelays)
        await waitForHttp(`http://127.0.0.1:${port}/relay/health`, { name: `relay-${name}`, processes, timeoutMs: 30_000 });
      await waitForHttp(`http://127.0.0.1:${settings.webPort}/`, { name: "web", processes, timeoutMs: 120_000 });
    });

    if (simulated > 0) {
      await step(`${simulated} simulated hosts`, () => simulatedProcess({ settings, env, processes, count: simulated }));
    } else {
      // KVM counts as usable only after Tiny's kernel has printed; without Tiny the agent falls back to the machine's own kernel.
      if (!isBuilt(TINY))
        await step("Tiny guest image", () => buildGuestImage(TINY)).catch((error: unknown) =>
          say.note(`Tiny could not be built yet: ${error instanceof Error ? error.message : String(error)}`),
        );
      const unconfined = allowSwtpm(join(settings.stateDir, "agent"));
      if (unconfined !== null) say.note(unconfined);
      await step("This machine's agent started", () => agentProcess({ settings, env, processes }));
    }
    processes.ready();
    const demo = settings.development ? await admin(env, ["seed-demo"]) : null;
    const setup = await admin(env, ["setup-link"]);
    say.line("");
    say.done(`Indium is ready (${((performance.now() - begun) / 1000).toFixed(1)} s).`);
    if (setup.needed === true && typeof setup.url === "string") {
      say.line(`\n  Open this once to set up your account:\n\n    ${setup.url}\n`);
    } else {
      say.line(`\n    ${settings.publicUrl}\n`);
    }
    if (demo && typeof demo.email === "string") say.line(`  Demonstration account: ${demo.email} / ${String(demo.password)}\n`);
    say.line("  Ctrl-C stops Indium; VMs keep running.\n");
    const schema = provideCloudInitSchema(settings.stateDir, cancelBackground.signal).then((outcome) => {
      if (outcome.state === "failed" && !stopping)
        say.note(`User data is checked for its YAML only: cloud-init's schema could not be had from Debian. ${outcome.why}`);
    });
    await Promise.all([schema, buildGuestImages({ settings, env, signal: cancelBackground.signal })]);
  } catch (error) {
    if (stopping) return;
    say.fail(error instanceof Error ? error.message : String(error));
    await stop(1, "Stopping, because Indium could not start.");
  }
}

/** A clone that was once started with sudo cannot be built by its owner. */
function explainOwner(error: unknown): never {
  if (error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM"))
    throw new LauncherError(
      `The build may not be written (${error.message}). It was probably made with sudo before: start with sudo again, or run  sudo chown -R "$USER" ${root}`,
    );
  throw error;
}

function mkdirWithAdvice(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o755 });
    mkdirSync(join(stateDir, "keys"), { recursive: true, mode: 0o700 });
    mkdirSync(join(stateDir, "blobs"), { recursive: true });
    if (process.getuid?.() === 0) letOthersThrough(stateDir);
  } catch (error) {
    throw new LauncherError(
      `The state folder ${stateDir} cannot be used: ${error instanceof Error ? error.message : error}. Or choose another with INDIUM_STATE_DIR=/path.`,
    );
  }
}

/** Started by root, Postgres and the VMs run as other users: they must be able to pass through the folders above their own. */
function letOthersThrough(stateDir: string): void {
  chmodSync(stateDir, statSync(stateDir).mode | 0o111);
  for (let folder = dirname(stateDir); folder !== dirname(folder); folder = dirname(folder))
    if ((statSync(folder).mode & 0o001) === 0)
      throw new Error(`other users may not pass through ${folder}, and the database and the VMs run as such; run chmod o+x ${folder}`);
}

function checkDisk(settings: Settings): void {
  const { bavail, bsize } = statfsSync(settings.stateDir);
  const free = bavail * bsize;
  const needed = 3 * GIB;
  if (free < needed)
    throw new LauncherError(
      `${settings.stateDir} has ${(free / GIB).toFixed(1)} GiB free; Indium needs at least ${needed / GIB} GiB. Free some, or choose another place with INDIUM_STATE_DIR=/path.`,
    );
}

async function checkPorts(settings: Settings): Promise<void> {
  const own = new Set<number>();
  const wanted: readonly (readonly [number, string, string])[] = [
    [settings.port, settings.bind, "INDIUM_PORT"],
    [settings.webPort, "127.0.0.1", "INDIUM_WEB_PORT"],
    [settings.internalPort, "127.0.0.1", "INDIUM_INTERNAL_PORT"],
    [settings.relayPort, "127.0.0.1", "INDIUM_RELAY_PORT"],
    [settings.relayRpcPort, "127.0.0.1", "INDIUM_RELAY_RPC_PORT"],
    ...settings.moreRelays.flatMap(
      (relay) =>
        [
          [relay.port, "127.0.0.1", "INDIUM_RELAYS"],
          [relay.rpcPort, "127.0.0.1", "INDIUM_RELAYS"],
        ] as const,
    ),
  ];
  for (const [port, host, name] of wanted) {
    if (own.has(port)) throw new LauncherError(`${name}=${port} is given twice. Give each part its own port.`);
    own.add(port);
    const taken = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host });
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    // Leftovers of a killed launcher hold the ports, too; they are ended first.
    if (taken && !existsSync(join(settings.stateDir, "run", "front.pid")))
      throw new LauncherError(
        `Port ${port} is taken by another program. Stop it, or choose another port with ${name}=… (INDIUM_PORT moves all five).`,
      );
  }
}

/** Only where other hosts may come, and never a reason to fail: without it links go over websocket alone. */
async function prepareOverlay(settings: Settings): Promise<void> {
  const { hostname } = new URL(settings.publicUrl);
  if (!settings.isRoot || process.env.INDIUM_OVERLAY === "off" || /^(localhost|127\..*|\[::1\])$/.test(hostname)) return;
  const missing = existsSync("/usr/bin/apt-get") ? missingWireGuard() : null;
  if (missing === null) return;
  const problem = await step(`${missing.name} (WireGuard overlay)`, () => installPackages([missing.name], missing.from));
  if (problem !== null) say.note(`Without it hosts' links go over websocket alone. apt's last words:\n  ${problem}`);
}

/** @returns how many simulated hosts to run; 0: this machine is a real one. */
async function decideDriver(settings: Settings): Promise<number> {
  if (settings.simulated !== null) {
    say.note(`Running ${settings.simulated} simulated hosts, as asked. They are labelled "simulated" everywhere; no VM is real.`);
    return settings.simulated;
  }
  const missing = missingPackages();
  const names = missing.map(({ name }) => name);
  if (!settings.isRoot) {
    say.note("Not root, so this machine cannot run VMs: two simulated hosts are used instead, labelled as such everywhere.");
    say.dim(`For real VMs: ${missing.length > 0 ? `sudo sh -c '${installLine(names)}', then ` : ""}sudo npm start`);
    return 2;
  }
  if (missing.length === 0) return 0;
  if (!existsSync("/usr/bin/apt-get")) {
    say.note(`This is no Debian-like system, and these are missing: ${names.join(", ")}. Two simulated hosts are used instead.`);
    return 2;
  }
  say.line("• Debian packages to install:");
  for (const { name, why } of missing) say.dim(`${name.padEnd(20)} ${why}`);
  const problem = await step("Debian packages", () => installPackages(names));
  if (problem === null) return 0;
  say.note(`apt could not install them. Its last words:\n  ${problem}`);
  if (missing.some(({ name }) => name.startsWith("qemu") || name === "nftables" || name === "iproute2")) {
    say.note(`Two simulated hosts are used instead. For real VMs run, then start again:\n    ${installLine(names)}`);
    return 2;
  }
  return 0;
}

main().catch((error: unknown) => {
  say.fail(error instanceof LauncherError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
});
