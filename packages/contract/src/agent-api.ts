import { z } from "zod";
import { SignedEnvelope } from "./envelope";
import { WireError } from "./errors";
import { HostFacts } from "./host";
import { InstanceId, LedgerId, NicId } from "./ids";
import { ObservedState } from "./states";

/** Inputs and outputs of the agent's router; web parses every reply with these, because a host runs last month's agent. */
export const agentApi = {
  /** `document.apply` mutation. The envelope is a `desired-document` whose payload is a HostDocument. */
  documentApply: {
    input: z.object({ document: SignedEnvelope }),
    output: z.discriminatedUnion("accepted", [
      z.object({ accepted: z.literal(true), generation: z.number().int() }),
      z.object({ accepted: z.literal(false), error: WireError }),
    ]),
  },
  /** `document.status` query. */
  documentStatus: {
    input: z.void().or(z.undefined()),
    output: z.object({
      ledgerId: LedgerId,
      centreEpoch: z.number().int(),
      generation: z.number().int(),
      instances: z.array(
        z.object({ instanceId: InstanceId, generation: z.number().int(), appliedGeneration: z.number().int(), state: ObservedState }),
      ),
    }),
  },
  /** `host.facts` query. */
  hostFacts: { input: z.void().or(z.undefined()), output: HostFacts },
  /**
   * `instance.serialTail` query: the last `bytes` of the serial log. A guest prints what it likes there, secrets too, so a relay
   * alone may not ask: the call is a signed command whose input is `command`.
   */
  instanceSerialTail: {
    input: z.object({ command: SignedEnvelope }),
    command: z.object({ instanceId: InstanceId, bytes: z.number().int().min(1).max(262_144) }),
    output: z.object({ text: z.string(), totalBytes: z.number().int() }),
  },
  /** `instance.lastScreen` query: the kept screen (`KeptScreen`). Shows what a console would, so it too is a signed command. */
  instanceLastScreen: {
    input: z.object({ command: SignedEnvelope }),
    command: z.object({ instanceId: InstanceId }),
    output: z.object({ png: z.base64().max(2_800_000), at: z.number().int().positive() }).nullable(),
  },
  /** `instance.nicCounters` query: what the NIC's rules refused and let through. */
  instanceNicCounters: {
    input: z.object({ instanceId: InstanceId }),
    output: z.object({
      nics: z.array(z.object({ nicId: NicId, counters: z.record(z.string(), z.object({ packets: z.number(), bytes: z.number() })) })),
    }),
  },
} as const;
