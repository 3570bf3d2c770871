import { z } from "zod";
import { SignedEnvelope } from "./envelope";
import { WireError } from "./errors";
import { HostFacts } from "./host";
import { ImageId, InstanceId, LedgerId, NicId, VolumeId } from "./ids";
import { ImageFormat, Sha256 } from "./image";
import { ObservedState } from "./states";

/**
 * The agent's procedures. A relay alone may call none of them: each carries something the centre signed, a document or a command
 * (contract/command.ts) whose input is `command`. Each answers with a `host-reply` envelope (HostReply) that holds `output`; web opens it
 * and parses every output with these, because a host runs last month's agent.
 */
export const CommandInput = z.object({ command: SignedEnvelope });

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
    command: z.object({}),
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
  hostFacts: { command: z.object({}), output: HostFacts },
  /** `instance.serialTail` query: the last `bytes` of the serial log. A guest prints what it likes there, secrets too. */
  instanceSerialTail: {
    command: z.object({ instanceId: InstanceId, bytes: z.number().int().min(1).max(262_144) }),
    output: z.object({ text: z.string(), totalBytes: z.number().int() }),
  },
  /** `instance.lastScreen` query: the kept screen (`KeptScreen`). Shows what a console would. */
  instanceLastScreen: {
    command: z.object({ instanceId: InstanceId }),
    output: z.object({ png: z.base64().max(2_800_000), at: z.number().int().positive() }).nullable(),
  },
  /** `instance.disks` query: what the instance has on the host's storage, as its files are now. */
  instanceDisks: {
    command: z.object({ instanceId: InstanceId }),
    output: z.object({
      disks: z
        .array(
          z.object({
            volumeId: VolumeId,
            path: z.string().max(4_096),
            format: ImageFormat,
            virtualSizeBytes: z.number().int().min(0),
            /** Of the host's storage; the base apart. */
            usedBytes: z.number().int().min(0),
            basePath: z.string().max(4_096).nullable(),
            baseSha256: Sha256.nullable(),
          }),
        )
        .max(16),
    }),
  },
  /** `image.evict` mutation: removes a copy that no instance here is made of. Once removed it is answered the same again. */
  imageEvict: { command: z.object({ imageId: ImageId, sha256: Sha256 }), output: z.object({ freedBytes: z.number().int().min(0) }) },
  /** `instance.nicCounters` query: what the NIC's rules refused and let through. */
  instanceNicCounters: {
    command: z.object({ instanceId: InstanceId }),
    output: z.object({
      nics: z.array(z.object({ nicId: NicId, counters: z.record(z.string(), z.object({ packets: z.number(), bytes: z.number() })) })),
    }),
  },
} as const;
