import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { ApiClient } from "./api-client";
import { BASE_URL, STATE_DIR } from "./helpers";

export interface SimulatedHost {
  readonly id: `h-${string}`;
  readonly name: string;
  readonly process: ChildProcess;
}

/** A host of its own, at a site where no other is online. */
export async function startSimulatedHost(
  api: ApiClient,
  { organizationId, siteId, hostname }: { organizationId: `org-${string}`; siteId: `site-${string}`; hostname: string },
): Promise<SimulatedHost> {
  const { command } = await api.enrolment.create.mutate({ organizationId, siteId });
  const process_ = spawn(
    process.execPath,
    [join(import.meta.dirname, "../dist/agent/run/agent-simulated.js"), "run", "--count", "1", "--url", BASE_URL],
    {
      env: {
        PATH: process.env.PATH ?? "",
        INDIUM_AGENT_STATE_DIR: mkdtempSync(join(STATE_DIR, "simulated-")),
        INDIUM_ENROL_TOKENS: /--token (\S+)/.exec(command)?.[1] ?? "",
        INDIUM_HOSTNAME: hostname,
      },
      stdio: "ignore",
    },
  );
  const online = async () =>
    (await api.host.list.query({ organizationId })).find((each) => each.siteId === siteId && each.state === "online");
  await expect.poll(async () => (await online()) !== undefined, { timeout: 60_000 }).toBe(true);
  const found = await online();
  if (found === undefined) throw new Error(`${hostname} went away again`);
  return { id: found.id, name: found.name, process: process_ };
}
