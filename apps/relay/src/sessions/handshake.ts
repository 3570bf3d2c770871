import { randomBytes } from "node:crypto";
import { AppError, type ErrorCode } from "@indium/contract/errors";
import { LinkHello, LinkProof } from "@indium/contract/link";
import { type KeyPair, signText, verifyText } from "@indium/tunnel/keys";
import type { Centre } from "../centre";
import type { LinkSocket } from "./session";
import { Session } from "./session";

/*
 * agent                         relay                                centre
 *   │ connect, LinkHello          │                                     │
 *   ├────────────────────────────▶│ limits, registered?                 │
 *   │ link:challenge              │                                     │
 *   │◀────────────────────────────┤ certificate, nonce, signature       │
 *   │ LinkProof (ack)             │                                     │
 *   ├────────────────────────────▶│ proof is the key's?  connectHost    │
 *   │                             ├────────────────────────────────────▶│ host of this key; epoch + 1
 *   │ link:ready | link:refused   │◀────────────────────────────────────┤
 *   │◀────────────────────────────┤                                     │
 *
 * Both sign both nonces and the relay's name, so that a proof given to one relay is worth nothing at another.
 * Nothing else an agent sends is listened to before link:ready.
 */

export const HANDSHAKE_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** Trying again soon is pointless for these: only an administrator, or an update, changes the answer. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  "host_revoked",
  "not_found",
  "unauthenticated",
  "forbidden",
  "protocol_unsupported",
  "bad_request",
]);
export const mayRetry = (error: AppError): boolean => !FINAL.has(error.code);

export interface HandshakeDependencies {
  readonly relayName: string;
  readonly keys: KeyPair;
  readonly centre: Centre;
}

/** @throws AppError to be told to the agent. */
export async function authenticate(socket: LinkSocket, remoteAddress: string, deps: HandshakeDependencies): Promise<Session> {
  const hello = LinkHello.safeParse(socket.handshake.auth);
  if (!hello.success) throw new AppError("bad_request", "The link's hello is malformed; is this an Indium agent?");
  const { certificate } = deps.centre;
  if (certificate === null) throw new AppError("host_unreachable", "The relay is starting and has not reached the centre yet.");

  const nonce = randomBytes(32).toString("base64");
  const { agentNonce, publicKey, protocol, agentVersion } = hello.data;
  const relaySignature = signText(`indium:link-relay\n${deps.relayName}\n${agentNonce}\n${nonce}`, deps.keys.privateKey);
  let answer: unknown;
  try {
    answer = await socket.timeout(HANDSHAKE_TIMEOUT_MS).emitWithAck("link:challenge", { certificate, nonce, relaySignature });
  } catch {
    throw new AppError("host_timeout", "No answer to the relay's challenge came in time.");
  }
  const proof = LinkProof.safeParse(answer);
  if (!proof.success || !verifyText(`indium:link-host\n${deps.relayName}\n${nonce}\n${agentNonce}`, proof.data.signature, publicKey)) {
    throw new AppError("unauthenticated", "The host's proof does not match its key.");
  }
  const claim = await deps.centre.call(
    "connectHost",
    { relayName: deps.relayName, publicKey, protocol, agentVersion, remoteAddress: remoteAddress.slice(0, 100) },
    CONNECT_TIMEOUT_MS,
  );
  return new Session(claim.hostId, claim.linkEpoch, socket);
}
