import { z } from "zod";
import { PublicKey } from "./envelope";
import { HostFacts } from "./host";
import { HostId } from "./ids";
import { MAX_RELAYS, RelayEntry } from "./relays";

/** `indium-enrol-` and 32 random bytes in hex. Single use, expiring; only its SHA-256 is stored. */
export const EnrolmentToken = z
  .string()
  .regex(/^indium-enrol-[0-9a-f]{64}$/, "is not an enrolment token; copy the whole command from the Add host page");

/** POST <origin>/api/enrol. `signature` is the new host key's over `indium:enrol\n<token>\n<publicKey>\n<sealingKey>`. */
export const EnrolRequest = z.object({
  token: EnrolmentToken,
  protocol: z.number().int(),
  publicKey: PublicKey,
  /** X25519, for SealedBox. */
  sealingKey: PublicKey,
  signature: z.base64().max(128),
  facts: HostFacts,
});
export type EnrolRequest = z.infer<typeof EnrolRequest>;

export const EnrolResponse = z.object({
  hostId: HostId,
  centrePublicKey: PublicKey,
  /** Origins to dial, in order of preference: `https://host[:port]`. */
  relayUrls: z.array(z.url()).min(1).max(10),
  /** The same for agents that tell relays of one origin apart; absent when no relay has said where it is. */
  relays: z.array(RelayEntry).max(MAX_RELAYS).optional(),
});
export type EnrolResponse = z.infer<typeof EnrolResponse>;
