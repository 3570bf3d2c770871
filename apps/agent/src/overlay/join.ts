import { AppError, type WireError } from "@indium/contract/errors";
import type { HostId } from "@indium/contract/ids";
import { OverlayGrant, OverlayJoinAnswer, type OverlayOffer } from "@indium/contract/overlay";
import { openEnvelope, signEnvelope } from "@indium/tunnel/envelope";
import type { KeyPair } from "@indium/tunnel/keys";
import type { ReadyLink } from "../link/connection";

const JOIN_TIMEOUT_MS = 10_000;

export type Joined =
  | { readonly kind: "granted"; readonly grant: OverlayGrant; readonly linkPort: number; readonly heartbeatPort: number }
  | { readonly kind: "refused"; readonly error: WireError }
  | { readonly kind: "unanswered" }
  | { readonly kind: "malformed" };

export interface Joining {
  readonly hostId: HostId;
  readonly centrePublicKey: string;
  /** Ed25519: signs the offer. */
  readonly signing: KeyPair;
  /** X25519: the tunnel's. */
  readonly key: KeyPair;
}

/** Asks the link's relay to let this host onto the overlay. @throws AppError `forbidden`, `signature_invalid` for a grant that is not the centre's for just this. */
export async function joinOverlay({ hostId, centrePublicKey, signing, key }: Joining, link: ReadyLink): Promise<Joined> {
  const offer: OverlayOffer = { hostId, linkEpoch: link.linkEpoch, publicKey: key.publicKey };
  let raw: unknown;
  try {
    raw = await link.socket.timeout(JOIN_TIMEOUT_MS).emitWithAck("overlay:join", signEnvelope("overlay-offer", offer, signing.privateKey));
  } catch {
    return { kind: "unanswered" };
  }
  const answer = OverlayJoinAnswer.safeParse(raw);
  if (!answer.success) return { kind: "malformed" };
  if (!answer.data.ok) return { kind: "refused", error: answer.data.error };
  const { linkPort, heartbeatPort } = answer.data;
  const grant = openEnvelope(answer.data.grant, { purpose: "overlay-grant", publicKeys: [centrePublicKey], schema: OverlayGrant });
  if (
    grant.hostId !== hostId ||
    grant.linkEpoch !== link.linkEpoch ||
    grant.relayName !== link.relayName ||
    grant.publicKey !== key.publicKey
  )
    throw new AppError("forbidden", "The relay shows a grant of the overlay that the centre made for another link or key.");
  return { kind: "granted", grant, linkPort, heartbeatPort };
}
