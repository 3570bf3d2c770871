import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import { type EmbeddedPostgres, startPostgres } from "../scripts/launcher/postgres";
import { eventually } from "./centre";
import { whyNoContainers, withPodman } from "./containers";
import { linesOf, replaced } from "./page";

/**
 * docs/operations/containers.md, block for block, with a Postgres of this machine's: two webs, two workers and a relay. lab/run.ts has built the
 * images, where there is a network; here there is none but theirs.
 */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const page = linesOf(join(root, "docs/operations/containers.md"));
// Those two run before, in lab/run.ts.
const untried = new Set([...page.keys()].filter((heading) => heading !== "A base without a registry" && heading !== "Build"));
const PROJECT = `indium-lab-${process.pid}`;
const COMPOSE = "podman-compose -f deploy/containers/compose.yaml";
/** The lab's end of its cable (lab/cable.ts): an address that containers reach by their gateway. */
const HERE = "192.0.2.1";
const QUADLET = "/usr/libexec/podman/quadlet";
const PUBLISHED = { "web-1": 7781, "web-2": 7791 } as const;
const SERVICES = ["worker-1", "worker-2", "web-1", "web-2", "relay-1"] as const;

const why = process.env.INDIUM_LAB_CONTAINERS === "1" ? whyNoContainers() : "lab/run.ts has not built them";
if (why !== null) console.log(`The container images are not tried: ${why}`);

describe.skipIf(why !== null)("the pieces as containers", () => {
  const dir = mkdtempSync("/var/tmp/indium-containers-");
  let postgres: EmbeddedPostgres;
  let door: Server;
  const environment: NodeJS.ProcessEnv = { INDIUM_PUBLIC_URL: "https://indium.example" };
  const compose = (lines: string) => withPodman(replaced(lines, COMPOSE, `${COMPOSE} -p ${PROJECT}`), environment);
  const told = (heading: string) => {
    untried.delete(heading);
    return compose(page.get(heading) ?? `false "no block under ${heading}"`);
  };
  const inside = (service: string, line: string) =>
    withPodman(`podman exec ${PROJECT}_${service}_1 sh -c ${JSON.stringify(line)}`, environment);
  const status = async (port: number, path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  const answers = (what: string, port: number, path: string) =>
    eventually(
      `${what} to answer`,
      () => status(port, path),
      (answer) => answer === 200,
      120_000,
    );
  const onFailureShowLogs = () =>
    onTestFailed(async () => {
      for (const service of SERVICES)
        console.log(service, await withPodman(`podman logs --tail 20 ${PROJECT}_${service}_1 2>&1`).catch(String));
    });

  beforeAll(async () => {
    chmodSync(dir, 0o711);
    postgres = await startPostgres({ dir: join(dir, "postgres"), database: "indium" });
    const url = new URL(postgres.url);
    const port = Number(url.port);
    door = createServer((client) => {
      const server = connect(port, "127.0.0.1");
      client.pipe(server).pipe(client);
      client.on("error", () => server.destroy());
      server.on("error", () => client.destroy());
    });
    await new Promise<void>((resolve) => door.listen(port, HERE, resolve));
    url.hostname = HERE;
    environment.DATABASE_URL = url.toString();
  });
  afterAll(async () => {
    await withPodman(
      `podman rm -f -t 0 -v ${PROJECT}_front || true; ${COMPOSE} -p ${PROJECT} down -v -t 0; podman network rm -f ${PROJECT}_default`,
      environment,
    ).catch(() => {});
    door?.close();
    await postgres?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test("two webs and two workers answer", async () => {
    onFailureShowLogs();
    const began = performance.now();
    await told("Run");
    for (const [name, port] of Object.entries(PUBLISHED)) await answers(name, port, "/api/health");
    // One whose first start fails (on a busy machine it may wait too long for its turn at the new database) is started again.
    for (const worker of ["worker-1", "worker-2"])
      await eventually(
        `${worker} to answer`,
        () => inside(worker, `node -e 'fetch("http://127.0.0.1:7782/healthz").then((r) => console.log(r.status))'`),
        (said) => said === "200",
        180_000,
      );
    console.log(`  compose up, until both webs answered: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  });

  test("the relay, once each knows the other's key", async () => {
    onFailureShowLogs();
    await told("The relay's keys");
    await answers("the relay", 7783, "/relay/health");
    expect(await inside("relay-1", "ls /var/lib/indium/keys /var/lib/indium/keys/relays | sort -u | tr '\\n' ' '")).not.toMatch(
      /centre\.key|secret\.key|session\.key/,
    );
  });

  test("the set-up link", async () => {
    expect(await told("The set-up link")).toContain("https://indium.example/");
  });

  test("each runs as a user without privileges, on a root that nobody writes to", async () => {
    for (const service of SERVICES) {
      const own = await inside(
        service,
        "grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/1/status; touch /opt/indium/x 2>&1 || true; touch /tmp/x",
      );
      expect(own, service).toMatch(/Uid:\s*780\s+780/);
      expect(own, service).toMatch(/CapEff:\s*0{16}\n/);
      expect(own, service).toMatch(/CapBnd:\s*0{16}\n/);
      expect(own, service).toMatch(/NoNewPrivs:\s*1\n/);
      expect(own, service).toContain("Read-only file system");
      expect(own, service).toMatch(/Seccomp:\s*2\n/);
    }
  });

  test("the front's image, in a web's network", async () => {
    await withPodman(
      `podman run -d --name ${PROJECT}_front --network container:${PROJECT}_web-1_1 --read-only --cap-drop all localhost/indium-front`,
    );
    await eventually(
      "the front",
      () =>
        withPodman(
          `podman exec ${PROJECT}_front node -e 'fetch("http://127.0.0.1:7780/api/health").then(async (r) => console.log(r.status))'`,
        ),
      (said) => said === "200",
      60_000,
    );
  });

  test("each ends by itself when it is told to", async () => {
    for (const service of SERVICES) {
      const began = performance.now();
      await withPodman(`podman stop -t 90 ${PROJECT}_${service}_1`);
      const seconds = (performance.now() - began) / 1000;
      const code = await withPodman(`podman inspect -f '{{.State.ExitCode}}' ${PROJECT}_${service}_1`);
      console.log(`  ${service}: stopped in ${seconds.toFixed(1)} s, exit code ${code}`);
      expect(seconds, service).toBeLessThan(60);
      // 137 would be SIGKILL. A program that leaves SIGTERM to its runtime ends with 143, a worker at its own bound of 8 s with 1.
      expect(["0", "1", "143"], service).toContain(code);
    }
  });

  test("that was the whole page", () => expect([...untried]).toEqual([]));

  test.skipIf(!existsSync(QUADLET))("Quadlet understands its files", async () => {
    const said = await withPodman(`QUADLET_UNIT_DIRS=$PWD/deploy/containers/quadlet ${QUADLET} -dryrun 2>&1`);
    for (const name of ["indium-web", "indium-worker", "indium-relay", "indium-network"]) expect(said).toContain(`---${name}.service---`);
    expect(said).not.toMatch(/unsupported|error|warning/i);
  });
  if (!existsSync(QUADLET)) console.log("Quadlet's files are not tried: this machine's Podman is older than 4.4");
});
