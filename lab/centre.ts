import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ApiClient, anonymousClient, signIn } from "../e2e/api-client";
import { type Installation, startInstallation } from "../e2e/installation";

const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const ADDRESS = "192.0.2.1";

const OVERLAY_PORT = 7785;
const OWNER = { name: "Lea Owner", email: "lea@example.org", password: "correct horse battery staple" };

/** `npm start` on the lab's side of the cable, beyond loopback: so it makes its own certificate, and hosts are given its pin. */
export interface Centre {
  readonly origin: string;
  readonly api: ApiClient;
  readonly organizationId: `org-${string}`;
  /** What hosts are served: a copy, so that tests may offer another agent. */
  readonly distDir: string;
  /** Nobody on the cable reaches the centre, or everybody again. */
  cut(away: boolean): void;
  stop(): Promise<void>;
}

export async function startCentre(dir: string): Promise<Centre> {
  // This test reads the API behind a certificate that Indium made for itself. Hosts check its pin, and that is what is tested.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  const distDir = join(dir, "dist");
  mkdirSync(distDir);
  for (const name of ["agent", "install.sh"]) cpSync(join(root, "dist", name), join(distDir, name), { recursive: true });
  const installation: Installation = await startInstallation(join(dir, "centre"), {
    // This machine itself stays out of it: the lab's machine is the host.
    args: ["--simulated", "--no-debian-image"],
    env: {
      INDIUM_OVERLAY_PORT: String(OVERLAY_PORT),
      INDIUM_BIND: ADDRESS,
      INDIUM_DIST_DIR: distDir,
      NODE_TLS_REJECT_UNAUTHORIZED: undefined,
    },
  });
  const { setupUrl } = installation;
  if (setupUrl === null) throw new Error("npm start told no link to set up an account.");
  const { origin } = new URL(setupUrl);
  const token = new URL(setupUrl).searchParams.get("token") ?? "";
  const { organizationId } = await anonymousClient(origin).setup.complete.mutate({
    token,
    ...OWNER,
    organizationName: "Lab",
    siteName: "Cable",
  });
  const api = await signIn(origin, OWNER.email, OWNER.password);
  return {
    origin,
    api,
    organizationId: organizationId as `org-${string}`,
    distDir,
    cut(away) {
      if (away) {
        const rules = `iifname "cable" tcp dport ${new URL(origin).port} drop; iifname "cable" udp dport ${OVERLAY_PORT} drop;`;
        execFileSync("nft", ["-f", "-"], { input: `table inet cut { chain input { type filter hook input priority -10; ${rules} }; }` });
      } else execFileSync("nft", ["delete", "table", "inet", "cut"]);
    },
    stop: () => installation.stop(),
  };
}

/** The same agent under another version's name, offered to hosts from now on. @returns its version. */
export function offerNewerAgent(distDir: string): string {
  const manifestFile = join(distDir, "agent/agent.json");
  const manifest = JSON.parse(readFileSync(manifestFile, "utf8")) as { version: string; file: string };
  const version = manifest.version.replace(/-[0-9a-f]+$/, "-ffffffffff");
  const folder = mkdtempSync(join(distDir, "newer-"));
  execFileSync("tar", ["-xzf", join(distDir, "agent", manifest.file), "-C", folder]);
  for (const name of ["VERSION", "lib/agent.mjs"]) {
    const file = join(folder, name);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(manifest.version, version));
  }
  const file = manifest.file.replace(manifest.version, version);
  const path = join(distDir, "agent", file);
  execFileSync("tar", ["-C", folder, "-czf", path, "."]);
  const bytes = readFileSync(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  writeFileSync(manifestFile, `${JSON.stringify({ ...manifest, version, file, sha256, sizeBytes: bytes.length }, null, 2)}\n`);
  return version;
}

/** Asks until it holds. @throws Error with the last answer. */
export async function eventually<T>(what: string, ask: () => Promise<T>, holds: (value: T) => boolean, timeoutMs: number): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let last: T | string;
    try {
      const value = await ask();
      if (holds(value)) return value;
      last = value;
    } catch (error) {
      last = String(error);
    }
    if (Date.now() > deadline) throw new Error(`It was waited for ${what} in vain. Last: ${JSON.stringify(last)?.slice(0, 3_000)}`);
    await sleep(1_000);
  }
}
