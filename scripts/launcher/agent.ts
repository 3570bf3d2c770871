import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { admin } from "./admin";
import type { Processes } from "./processes";
import { LauncherError } from "./say";
import type { Settings } from "./settings";

interface Parts {
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly processes: Processes;
}

function agentEnvironment({ settings, env }: Parts, stateDir: string): NodeJS.ProcessEnv {
  const own = { ...env };
  // The agent is a machine's root: it is told nothing of the centre but where it is.
  for (const name of ["DATABASE_URL", "INDIUM_KEYS_DIR", "INDIUM_SECRET_KEY", "INDIUM_BLOBS_DIR", "NEXTAUTH_URL"]) delete own[name];
  return { ...own, INDIUM_AGENT_STATE_DIR: stateDir, INDIUM_GUEST_DIR: join(settings.root, "dist/guest") };
}

/** The token goes by the environment: arguments are seen by everyone on the machine. */
function enrol(entry: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [entry, ...args], { env, timeout: 60_000 }, (error, _stdout, stderr) => {
      if (error)
        reject(new LauncherError(`This machine's agent could not be enrolled: ${stderr.trim().split("\n").at(-1) ?? error.message}`));
      else resolve();
    });
  });
}

/** Given to hosts whose front has a certificate of our own making. */
function pinArguments(settings: Settings): readonly string[] {
  const pin = join(settings.stateDir, "keys/front.pin");
  return settings.publicUrl.startsWith("https:") && existsSync(pin) ? ["--pin", readFileSync(pin, "utf8").trim()] : [];
}

const enrolled = (stateDir: string) => existsSync(join(stateDir, "membership.json"));

/** This machine as a real host: enrolled once, without anybody's click, and started. */
export async function agentProcess(parts: Parts): Promise<void> {
  const { settings, processes } = parts;
  const entry = join(settings.root, "dist/agent/run/agent.js");
  const stateDir = join(settings.stateDir, "agent");
  const env = agentEnvironment(parts, stateDir);
  if (!enrolled(stateDir)) {
    const { token } = await admin(parts.env, ["enrol-local"]);
    await enrol(entry, ["enrol", "--url", settings.publicUrl, ...pinArguments(settings)], { ...env, INDIUM_ENROL_TOKEN: String(token) });
  }
  processes.start({ name: "agent", args: ["--enable-source-maps", entry, "run"], env });
}

/** Simulated hosts, all in one process; they take their tokens themselves at their first start. */
export async function simulatedProcess(parts: Parts & { readonly count: number }): Promise<void> {
  const { settings, processes, count } = parts;
  const entry = join(settings.root, "dist/agent/run/agent-simulated.js");
  const stateDir = join(settings.stateDir, "simulated");
  const tokens: string[] = [];
  for (let number = 1; number <= count; number++)
    if (!enrolled(join(stateDir, `simulated-${number}`))) tokens.push(String((await admin(parts.env, ["enrol-simulated"])).token));
  const env = { ...agentEnvironment(parts, stateDir), INDIUM_ENROL_TOKENS: tokens.join(",") };
  processes.start({
    name: "simulated",
    args: ["--enable-source-maps", entry, "run", "--count", String(count), "--url", settings.publicUrl, ...pinArguments(settings)],
    env,
  });
}
