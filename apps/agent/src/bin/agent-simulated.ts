import { hostname } from "node:os";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import { createSimulatedParts } from "../drivers/simulated/simulated-parts";
import { readEnv } from "../env";
import { lockStateDirectory } from "../host/state-lock";
import { AGENT_VERSION } from "../host/version";
import { loadIdentity, loadMembership } from "../link/identity";
import { ensureDirectory } from "../system/files";
import { createLog, describeError } from "../system/log";
import { parseAgentArguments } from "./arguments";
import { enrolHost } from "./enrol-host";
import { type HostAgent, startHostAgent } from "./host-agent";
import { untilSignal } from "./until-signal";

const USAGE = `Simulated hosts: the real agent over machines that are not there.

  agent-simulated [run] --count 2 [--url <dashboard>] [--token <token> …] [--pin sha256//…] [--state-dir <folder>]

Host n keeps its state in <folder>/simulated-<n>. One that is not enrolled yet takes the next token, from --token or from
INDIUM_ENROL_TOKENS (comma-separated), and enrols at --url.`;

async function main(): Promise<void> {
  const args = parseAgentArguments(process.argv.slice(2), "run");
  if (args.command === "help") return console.log(USAGE);
  if (args.command === "version") return console.log(AGENT_VERSION);
  if (args.command === "doctor") throw new AppError("bad_request", "Ask one of them: agent doctor --state-dir <folder>/simulated-<n>.");
  const env = readEnv(process.env);
  const root = args.stateDir ?? env.stateDir;
  const log = createLog({ format: env.logFormat, level: env.logLevel });
  const tokens = [...args.tokens, ...env.enrolTokens];
  await ensureDirectory(root);
  const unlock = lockStateDirectory(root);
  const agents: HostAgent[] = [];
  const machines: { close(): void }[] = [];
  // Listened to from the start: the first hosts are linked long before the last, and whoever ends them then must not tear them off.
  const signalled = untilSignal(log);
  try {
    for (let number = 1; number <= args.count; number++) {
      const stateDir = join(root, `simulated-${number}`);
      await ensureDirectory(stateDir);
      const { parts, machine } = createSimulatedParts({
        stateDir,
        hostname: `simulated-${number}.${env.hostname ?? hostname()}`.slice(0, 253),
      });
      machines.push(machine);
      const identity = await loadIdentity(stateDir);
      let membership = await loadMembership(stateDir);
      if (membership === null) {
        const token = tokens.shift();
        if (args.url === null || token === undefined) {
          throw new AppError(
            "precondition_failed",
            `Simulated host ${number} is not enrolled. Give --url and a token for it (INDIUM_ENROL_TOKENS, one per host).`,
          );
        }
        const facts = await parts.facts();
        membership = await enrolHost({ stateDir, identity, url: args.url, token, pin: args.pin, centreKey: args.centreKey, facts });
      }
      agents.push(await startHostAgent({ stateDir, identity, membership, parts, log: log.with({ host: `simulated-${number}` }) }));
    }
    await signalled;
  } finally {
    await Promise.all(agents.map((agent) => agent.close()));
    for (const machine of machines) machine.close();
    unlock();
  }
}

main().then(
  () => process.exit(0),
  (thrown: unknown) => {
    createLog({ format: "plain", level: "error" }).error("the simulated hosts ended", describeError(thrown));
    process.exit(1);
  },
);
