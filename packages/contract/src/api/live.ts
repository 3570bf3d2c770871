import { z } from "zod";
import { HostUsage } from "../host";
import { HostId } from "../ids";

/**
 * What `live.changes` (a tRPC subscription over SSE) sends: what changed, so that the browser asks again for exactly that.
 * Host usage comes inline, because it changes every few seconds.
 */
export const LiveChange = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("changed"),
    resource: z.enum([
      "instance",
      "host",
      "image",
      "network",
      "operation",
      "site",
      "sshKey",
      "securityGroup",
      "member",
      "organization",
      "enrolment",
      "invitation",
      /** Who looks at an instance's console, who controls it, its links; `id` is the instance's. */
      "console",
      /** Something of an organization that this one manages: its id. */
      "fleet",
    ]),
    id: z.string(),
    /** The instance an operation belongs to. */
    parentId: z.string().nullable(),
  }),
  z.object({ kind: z.literal("usage"), hostId: HostId, usage: HostUsage }),
  /** A new sample of the host and its instances is kept (its slot's beginning): a chart that is shown asks for what is new. */
  z.object({ kind: z.literal("metrics"), hostId: HostId, at: z.number().int() }),
  /** Sent first, and after the server lost its own feed: ask for everything again. */
  z.object({ kind: z.literal("resync") }),
]);
export type LiveChange = z.infer<typeof LiveChange>;
