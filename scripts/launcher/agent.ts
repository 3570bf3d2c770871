import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
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
function enrol(entry: string, args: readonly string[], env: NodeJS.ProcessEnv, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [entry, ...args], { env: { ...env, INDIUM_ENROL_TOKEN: token }, timeout: 60_000 }, (error, _stdout, stderr) => {
      if (error) reject(new LauncherError(`This machine's agent could not be enrolled: ${stderr.trim().split("\n").at(-1) ?? error.message}`));
      else resolve();
    });
  });
}

/** This machine as a real host: enrolled once, without anybody's click, and started. */
export async function agentProcess(parts: Parts): Promise<void> {
  const { settings, processes } = parts;
  const entry = join(settings.root, "dist/agent/run/agent.js");
  const stateDir = join(settings.stateDir, "agent");
  const env = agentEnvironment(parts, stateDir);
  if (!existsSync(join(stateDir, "membership.json"))) {
    const { token } = await admin(parts.env, ["enrol-local"]);
    await enrol(entry, ["enrol", "--url", settings.publicUrl], env, String(token));
  }
  processes.start({ name: "agent", args: ["--enable-source-maps", entry, "run"], env });
}
