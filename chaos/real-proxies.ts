import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pinOf } from "../apps/web/src/front/certificate";
import { selfSignedCertificate } from "../apps/web/src/front/self-signed";
import { type ProxyStarter, type ReplicaSet, root } from "./replica-set";

/** The configurations of `deploy/proxies` as they are, but for addresses and certificate: real nginx and Caddy before a set of replicas. */
export type ProxyName = "nginx" | "caddy";

/** From the environment (a package that is unpacked only), or where Debian's package puts it. */
export function programOf(name: ProxyName): string | null {
  const places = { nginx: [process.env.INDIUM_NGINX, "/usr/sbin/nginx"], caddy: [process.env.INDIUM_CADDY, "/usr/bin/caddy"] };
  return places[name].find((path) => path !== undefined && existsSync(path)) ?? null;
}

export const proxyStarter =
  (name: ProxyName): ProxyStarter =>
  async (set) => {
    const program = programOf(name);
    if (program === null) throw new Error(`${name} is not installed`);
    const folder = join(set.dir, name);
    mkdirSync(folder);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const certificate = await selfSignedCertificate(key, ["127.0.0.1"], new Date(Date.now() + 86_400_000));
    writeFileSync(join(folder, "fullchain.pem"), certificate);
    writeFileSync(join(folder, "privkey.pem"), key, { mode: 0o600 });
    const config = join(folder, name === "nginx" ? "nginx.conf" : "Caddyfile");
    writeFileSync(config, name === "nginx" ? nginxConfig(set, folder) : caddyConfig(set, folder));
    const args = name === "nginx" ? ["-p", folder, "-c", config, "-e", "error.log"] : ["run", "--config", config, "--adapter", "caddyfile"];
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: folder } });
    let words = "";
    child.stderr.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-4_000)));
    for (let tries = 0; !(await listens(set.ports.balancer)); tries++) {
      if (child.exitCode !== null || tries > 300) throw new Error(`${name} did not start: ${words}`);
      await sleep(100);
    }
    return {
      url: `https://127.0.0.1:${set.ports.balancer}`,
      pin: pinOf(certificate),
      stop: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
        child.kill("SIGTERM");
        await gone;
      },
    };
  };

/** @throws Error when the file has changed so much that an address of the example would be left. */
function withAddresses(file: string, set: ReplicaSet): string {
  const text = readFileSync(join(root, "deploy/proxies", file), "utf8")
    .replaceAll("10.0.0.11:7781", `127.0.0.1:${set.ports["web-a"]}`)
    .replaceAll("10.0.0.12:7781", `127.0.0.1:${set.ports["web-b"]}`)
    .replaceAll("10.0.0.21:7783", `127.0.0.1:${set.ports.relay}`);
  if (/\b10\.0\.0\./.test(text)) throw new Error(`deploy/proxies/${file} names an address that this test does not know`);
  return text;
}

function nginxConfig(set: ReplicaSet, folder: string): string {
  const servers = withAddresses("nginx.conf", set)
    // The redirect of port 80 is not tried.
    .replace(/server \{\s+listen 80;[^}]*\}/, "")
    .replace(/^ *listen \[::\]:443.*$/m, "")
    .replace("listen 443", `listen 127.0.0.1:${set.ports.balancer}`)
    .replaceAll("/etc/ssl/indium", folder);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join("\n");
  const user = process.getuid?.() === 0 ? "user root;" : "";
  return `${user}\ndaemon off;\npid nginx.pid;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${servers}\n}\n`;
}

function caddyConfig(set: ReplicaSet, folder: string): string {
  const site = withAddresses("Caddyfile", set).replace(
    /^indium\.example \{$/m,
    `https://127.0.0.1:${set.ports.balancer} {\n\ttls ${folder}/fullchain.pem ${folder}/privkey.pem`,
  );
  return `{\n\tadmin off\n\tauto_https off\n}\n${site}`;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.once("connect", () => socket.destroy());
  });
}
