import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "./replica-set";

/**
 * `deploy/proxies/haproxy-postgres.cfg` as it is, but for its addresses, before two servers that say their name: which of them is the
 * primary, a script says in the place of Patroni's REST API. HAProxy is no part of what tests install; INDIUM_HAPROXY may name the program
 * of an unpacked package.
 */
const program = [process.env.INDIUM_HAPROXY, "/usr/sbin/haproxy"].find((path) => path !== undefined && existsSync(path)) ?? null;
if (program === null) console.log("haproxy is not tried: it is not installed");

describe.skipIf(program === null)("behind haproxy", () => {
  const dir = mkdtempSync(join(tmpdir(), "indium-haproxy-"));
  const servers: Server[] = [];
  const open = new Set<Socket>();
  let primary = "pg1";
  let port = 0;
  let haproxy: ChildProcess | null = null;
  let words = "";

  const listening = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };
  const postgres = (name: string) =>
    listening(
      createServer((socket) => {
        open.add(socket.on("error", () => {}));
        socket.write(name);
      }),
    );
  const patroni = (name: string) =>
    listening(
      createHttpServer((request, response) => response.writeHead(request.url === "/primary" && primary === name ? 200 : 503).end()),
    );
  /** A connection, and the server that it led to; null when it led nowhere. */
  const dial = () =>
    new Promise<{ socket: Socket; name: string } | null>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("data", (data) => resolve({ socket, name: data.toString() }));
      socket.once("close", () => resolve(null));
      socket.on("error", () => {});
    });
  const leadsTo = async (name: string) => {
    for (let tries = 0; tries < 300; tries++) {
      const led = await dial();
      if (led?.name === name) return led.socket;
      led?.socket.destroy();
      await sleep(100);
    }
    throw new Error(`haproxy did not lead to ${name}: ${words}`);
  };

  beforeAll(async () => {
    const free = createServer();
    port = await listening(free);
    await new Promise((resolve) => free.close(resolve));
    let config = readFileSync(join(root, "deploy/proxies/haproxy-postgres.cfg"), "utf8").replaceAll("127.0.0.1:5432", `127.0.0.1:${port}`);
    for (const [name, address] of [
      ["pg1", "10.0.0.31:5432"],
      ["pg2", "10.0.0.32:5432"],
    ] as const)
      config = config.replace(`${address} check port 8008`, `127.0.0.1:${await postgres(name)} check port ${await patroni(name)}`);
    expect(config).not.toMatch(/10\.0\.0\.|:5432|port 8008/);
    writeFileSync(join(dir, "haproxy.cfg"), config);
    haproxy = spawn(program ?? "", ["-db", "-f", join(dir, "haproxy.cfg")], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [haproxy.stdout, haproxy.stderr]) stream?.on("data", (data) => (words += String(data)));
  });
  afterAll(async () => {
    if (haproxy !== null && haproxy.exitCode === null) {
      const ended = new Promise((resolve) => haproxy?.once("exit", resolve));
      haproxy.kill("SIGKILL");
      await ended;
    }
    for (const socket of open) socket.destroy();
    for (const server of servers) server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it("connections go to the primary, and are cut when another is", async () => {
    const socket = await leadsTo("pg1");
    const cut = new Promise<number>((resolve) => socket.once("close", () => resolve(performance.now())));
    const changed = performance.now();
    primary = "pg2";
    const after = ((await cut) - changed) / 1000;
    (await leadsTo("pg2")).destroy();
    console.log(`haproxy: a connection to the old primary was cut after ${after.toFixed(1)} s; then it led to the new one`);
    expect(after).toBeLessThan(30);
  });

  it("leads nowhere rather than to a standby", async () => {
    primary = "nobody";
    for (let tries = 0; ; tries++) {
      const led = await dial();
      if (led === null) break;
      led.socket.destroy();
      if (tries > 300) throw new Error("it still leads to a server that is no primary");
      await sleep(100);
    }
  });
});
