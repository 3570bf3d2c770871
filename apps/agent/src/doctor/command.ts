import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import { loadMembership } from "../link/identity";
import { freeBytes } from "../storage/free-space";
import type { Surroundings } from "./checkup";
import { clockSkew } from "./clock-skew";
import { checkupFromDisk } from "./from-disk";
import { printCheckup } from "./print";
import { askAgent, doctorSocket } from "./socket";

/** `indium-agent doctor`. @returns what to print. @throws AppError `forbidden` for anyone but the agent's own user. */
export async function doctorCommand(stateDir: string, json: boolean): Promise<string> {
  const answer = await askAgent(doctorSocket(stateDir));
  if ("silent" in answer && answer.silent.startsWith("Only root")) throw new AppError("forbidden", answer.silent);
  const checkup = "silent" in answer ? await checkupFromDisk(stateDir, Date.now()) : answer;
  const membership = await loadMembership(stateDir).catch(() => null);
  const around: Surroundings = {
    storage: { path: stateDir, freeBytes: await freeBytes(join(stateDir)).catch(() => null) },
    clock: membership === null ? { unknown: "not enrolled" } : await clockSkew(membership.origin, membership.tlsPin),
    agentSilent: "silent" in answer ? answer.silent : null,
  };
  return json ? `${JSON.stringify({ ...checkup, around }, null, 2)}\n` : printCheckup(checkup, around);
}
