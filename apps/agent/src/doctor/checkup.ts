import { z } from "zod";

const Counter = z.object({ packets: z.number(), bytes: z.number() });

/** Everything `doctor` says, for people and (`--json`) for programs. Facts only: no document, no key, no secret of a guest. */
export const Checkup = z.object({
  formatVersion: z.literal(1),
  at: z.number(),
  /** `disk`: the agent did not answer, and only what it wrote last is known. */
  source: z.enum(["agent", "disk"]),
  agent: z.object({ version: z.string(), pid: z.number().nullable(), startedAt: z.number().nullable() }),
  host: z.object({ id: z.string().nullable(), name: z.string(), dashboard: z.string().nullable() }),
  link: z.object({
    state: z.enum(["ready", "dialling", "switching", "waiting", "stopped", "unknown"]),
    words: z.string(),
    since: z.number().nullable(),
  }),
  /** By which way it is linked, in words. Null: from disk, or of an agent of before. */
  path: z.string().nullable().default(null),
  document: z.object({ ledgerId: z.string(), centreEpoch: z.number(), generation: z.number() }).nullable(),
  reportsWaiting: z.number().nullable(),
  acceleration: z.object({ kind: z.string(), reason: z.string().nullable() }).nullable(),
  lastPlan: z.object({ at: z.number(), steps: z.array(z.string()) }).nullable(),
  instances: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      desired: z.string(),
      generation: z.number(),
      /** Null from disk: only the process can tell. */
      observed: z.string().nullable(),
      appliedGeneration: z.number(),
      observedGeneration: z.number(),
      boot: z.number(),
      pid: z.number().nullable(),
      lastPlan: z.object({ at: z.number(), what: z.string() }).nullable(),
      error: z.string().nullable(),
      findings: z.array(z.string()),
      nics: z.array(
        z.object({
          id: z.string(),
          macAddress: z.string(),
          addresses: z.array(z.string()),
          counters: z.record(z.string(), Counter).nullable(),
        }),
      ),
    }),
  ),
  /** Warnings and errors of the agent's log, newest last. */
  troubles: z.array(z.object({ at: z.number(), level: z.string(), text: z.string() })),
});
export type Checkup = z.infer<typeof Checkup>;

/** Found by the command itself, whether the agent answers or not. */
export interface Surroundings {
  readonly storage: { readonly path: string; readonly freeBytes: number | null };
  /** How far this clock is ahead of the dashboard's, ms, within a second; or why that is not known. */
  readonly clock: { readonly aheadMs: number } | { readonly unknown: string };
  /** Why the agent was not asked; null when it answered. */
  readonly agentSilent: string | null;
}
