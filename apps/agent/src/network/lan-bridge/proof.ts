import { z } from "zod";
import type { LinkWitness } from "../../link/link-witness";
import type { HostShell } from "../host-shell";

const NeighbourJson = z.array(z.looseObject({ lladdr: z.string().optional(), state: z.array(z.string()).optional() }));
/** From stale to known again takes the kernel 5 s and up to three questions (delay_first_probe_time, ucast_solicit). */
const GATEWAY_MS = 9_000;
const LOOK_MS = 250;

/** What worked before a change, and so must work after it. */
export interface Baseline {
  readonly gateways: readonly string[];
  readonly linked: boolean;
}

export interface ProofPorts {
  readonly shell: HostShell;
  /** Absent where no centre is known of. */
  readonly link: LinkWitness | null;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export async function takeBaseline(ports: ProofPorts, device: string, gateways: readonly string[]): Promise<Baseline> {
  const answers = await Promise.all(gateways.map((gateway) => answersBy(ports, gateway, device, ports.now() + GATEWAY_MS)));
  return { gateways: gateways.filter((_, index) => answers[index] === true), linked: ports.link?.state === "linked" };
}

/**
 * Waits until all that worked before works again by `device`.
 * @returns what does not, in words; null when everything does. Never before `since` is anything counted as proof.
 */
export async function prove(
  ports: ProofPorts,
  baseline: Baseline,
  device: string,
  since: number,
  deadline: number,
): Promise<string | null> {
  for (const gateway of baseline.gateways) {
    if (!(await answersBy(ports, gateway, device, deadline))) return `the gateway ${gateway} no longer answered`;
  }
  if (!baseline.linked) return null;
  while (ports.link?.provenSince(since) !== true) {
    if (ports.link?.state === "stopped") return "the agent was told to stop";
    if (ports.now() >= deadline) return "the link to the centre was lost";
    await ports.sleep(LOOK_MS);
  }
  return null;
}

/** Asks by ARP or neighbour discovery, which needs no program on the host and which a router's firewall does not stop. */
async function answersBy(ports: ProofPorts, gateway: string, device: string, deadline: number): Promise<boolean> {
  for (;;) {
    // "use": as if a packet were to be sent there.
    await ports.shell.ipMaybe("neigh", "replace", gateway, "dev", device, "use");
    await ports.sleep(LOOK_MS);
    const shown = await ports.shell.ipMaybe("-j", "neigh", "show", gateway, "dev", device);
    const entry = shown.code === 0 ? NeighbourJson.safeParse(JSON.parse(shown.stdout.trim() || "[]")).data?.[0] : undefined;
    if (entry?.state?.includes("REACHABLE") === true) return true;
    if (ports.link?.state === "stopped" || ports.now() >= deadline) return false;
  }
}
