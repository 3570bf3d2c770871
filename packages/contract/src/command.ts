import { z } from "zod";
import { WireError } from "./errors";
import { HostId, OperationId } from "./ids";

/**
 * Payload of a `command` envelope: calls that must come from the centre itself carry one, because a relay is not root.
 * The agent refuses one for another host, past its expiry, for another procedure, or whose id it has already carried out.
 */
export const SignedCommand = z.object({
  hostId: HostId,
  centreEpoch: z.number().int().min(1),
  commandId: z.string().regex(/^[0-9a-f]{32}$/),
  operationId: OperationId.nullable(),
  procedure: z.string().max(100),
  /** JSON of the procedure's input. */
  input: z.string().max(1_000_000),
  expiresAt: z.number().int(),
});
export type SignedCommand = z.infer<typeof SignedCommand>;

/**
 * Payload of a `host-reply` envelope: what a host answers, signed by its key, because a relay that carries an answer must not be able to
 * write it. Refusals are signed too.
 */
export const HostReply = z.object({
  hostId: HostId,
  /** The signature of the document or command that this answers: each is made once, so an answer fits one question. */
  inReplyTo: z.base64().max(128),
  answer: z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), result: z.unknown() }),
    z.object({ ok: z.literal(false), error: WireError }),
  ]),
});
export type HostReply = z.infer<typeof HostReply>;
