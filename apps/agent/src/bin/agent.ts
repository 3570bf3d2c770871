import { chmod } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import { doctorCommand } from "../doctor/command";
import { readEnv } from "../env";
import { readHostFacts } from "../host/facts";
import { lockStateDirectory } from "../host/state-lock";
import { AGENT_VERSION } from "../host/version";
import { loadIdentity, loadMembership, readTokenFile } from "../link/identity";
import { ensureDirectory } from "../system/files";
import { createLog, describeError } from "../system/log";
import { type AgentArguments, parseAgentArguments } from "./arguments";
import { enrolHost } from "./enrol-host";
import { type HostAgent, startHostAgent } from "./host-agent";
import { createRealParts, probeHypervisor } from "./real-parts";
import { untilSignal } from "./until-signal";

const USAGE = `Indium's agent: makes this machine a host.

  agent enrol --url <dashboard> [--token <token> | --token-file <file>] [--pin sha256//…] [--centre-key <key>]
  agent run
  agent doctor [--json]     what this host should do, does, and last failed at
  agent version

The token may also come by INDIUM_ENROL_TOKEN. State is kept in INDIUM_AGENT_STATE_DIR (or --state-dir).`;

async function main(): Promise<void> {
  const args = parseAgentArguments(process.argv.slice(2), "help");
  switch (args.command) {
    case "help":
      return console.log(USAGE);
    case "version":
      return console.log(AGENT_VERSION);
    case "enrol":
      return enrolCommand(args);
    case "run":
      return runCommand(args);
    case "doctor":
      return void process.stdout.write(await doctorCommand(args.stateDir ?? readEnv(process.env).stateDir, args.json));
  }
}

async function enrolCommand(args: AgentArguments): Promise<void> {
  const env = readEnv(process.env);
  const stateDir = args.stateDir ?? env.stateDir;
  if (args.url === null) throw new AppError("bad_request", "Say where to enrol: --url <address of the dashboard>.");
  const token = args.tokenFile === null ? (args.tokens[0] ?? env.enrolTokens[0]) : await readTokenFile(args.tokenFile);
  if (token === undefined)
    throw new AppError("token_invalid", "Give the token of the Add host page: --token-file, INDIUM_ENROL_TOKEN or --token.");
  await ensureStateDirectory(stateDir);
  const identity = await loadIdentity(stateDir);
  const hypervisor = await probeHypervisor({ ...env, stateDir });
  const facts = await readHostFacts({ hypervisor, storagePath: stateDir, hostname: env.hostname });
  const membership = await enrolHost({ stateDir, identity, url: args.url, token, pin: args.pin, centreKey: args.centreKey, facts });
  console.log(`Enrolled as ${membership.hostId}.`);
}

async function runCommand(args: AgentArguments): Promise<void> {
  const env = { ...readEnv(process.env), ...(args.stateDir === null ? {} : { stateDir: args.stateDir }) };
  const log = createLog({ format: env.logFormat, level: env.logLevel });
  await ensureStateDirectory(env.stateDir);
  const unlock = lockStateDirectory(env.stateDir);
  let agent: HostAgent | null = null;
  try {
    const identity = await loadIdentity(env.stateDir);
    const membership = await loadMembership(env.stateDir);
    if (membership === null) {
      throw new AppError(
        "precondition_failed",
        `${hostname()} is not enrolled. Copy the command of the Add host page and run it here first.`,
      );
    }
    const parts = await createRealParts({ env, membership, log });
    agent = await startHostAgent({ stateDir: env.stateDir, identity, membership, parts, log });
    await untilSignal(log);
  } finally {
    await agent?.close();
    unlock();
  }
}

/** VMs' user passes through to its disks and lists nothing; keys and ledger below are 0700 of their own. */
async function ensureStateDirectory(path: string): Promise<void> {
  await ensureDirectory(path, 0o711);
  await chmod(path, 0o711);
  await ensureDirectory(join(path, "ledger"));
}

main().then(
  () => process.exit(0),
  (thrown: unknown) => {
    createLog({ format: "plain", level: "error" }).error("the agent ended", describeError(thrown));
    process.exit(1);
  },
);
