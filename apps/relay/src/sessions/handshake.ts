import { AppError, type ErrorCode } from "@indium/contract/errors";
import type { HostId } from "@indium/contract/ids";
import { LinkHello, LinkProof } from "@indium/contract/link";
import type { KeyPair } from "@indium/tunnel/keys";
import { type ProofUse, signRelayProof, verifyHostProofAside } from "@indium/tunnel/link-proof";
import { Semaphore } from "@indium/tunnel/semaphore";
import type { Centre } from "../centre";
import type { LinkSocket } from "./session";
import { Session } from "./session";

/*
 * agent                         relay                                centre
 *   │ connect, LinkHello          │                                     │
 *   ├────────────────────────────▶│ limits, registered?  linkNonce      │
 *   │                             ├────────────────────────────────────▶│
 *   │                             │◀────────────────────────────────────┤ nonce
 *   │ link:challenge              │                                     │
 *   │◀────────────────────────────┤ certificate, nonce, signature       │
 *   │ LinkProof (ack)             │                                     │
 *   ├────────────────────────────▶│ proof is the key's?  connectHost    │
 *   │                             ├────────────────────────────────────▶│ proof is the key's? epoch + 1
 *   │ link:ready | link:refused   │◀────────────────────────────────────┤ claim, signed
 *   │◀────────────────────────────┤                                     │
 *
 * Both sign both nonces and the relay's name, so that a proof given to one relay is worth nothing at another.
 * The centre makes the nonce and checks the proof once more: it takes no relay's word for who has linked.
 * Nothing else an agent sends is listened to before link:ready.
 *
 * A standby goes the same way as far as the proof, which is of another text, and the centre is asked standbyHost: link:standby. Its promotion is this
 * handshake from linkNonce on.
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

/**
 * Questions to the centre at once: of a fleet that comes back together each waits its turn here, where no time limit runs, and not in a queue of
 * connections, where the last ones' limits would run out and bring them back once more. Nobody holds a place while it is the host's turn to answer.
 */
const CENTRE = new Semaphore(32);

export interface HandshakeDependencies {
  readonly relayName: string;
  readonly keys: KeyPair;
  readonly centre: Centre;
}

/** @throws AppError to be told to the agent. */
export async function authenticate(
  socket: LinkSocket,
  auth: unknown,
  remoteAddress: string,
  deps: HandshakeDependencies,
): Promise<Session> {
  const { proof, moving } = await proofOf(socket, auth, "host", deps);
  const proved = { ...proof, remoteAddress: remoteAddress.slice(0, 100) };
  const claim = await CENTRE.run(() => deps.centre.call("connectHost", proved, CONNECT_TIMEOUT_MS));
  return new Session(claim, { publicKey: proof.publicKey, moving }, socket);
}

/** @throws AppError to be told to the agent. */
export async function authenticateStandby(socket: LinkSocket, auth: unknown, deps: HandshakeDependencies): Promise<HostId> {
  const { proof } = await proofOf(socket, auth, "standby", deps);
  return (await CENTRE.run(() => deps.centre.call("standbyHost", proof, CONNECT_TIMEOUT_MS))).hostId;
}

async function proofOf(socket: LinkSocket, auth: unknown, use: ProofUse, deps: HandshakeDependencies) {
  const hello = LinkHello.safeParse(auth);
  if (!hello.success) throw new AppError("bad_request", "The link's hello is malformed; is this an Indium agent?");
  const { certificate } = deps.centre;
  if (certificate === null) throw new AppError("host_unreachable", "The relay is starting and has not reached the centre yet.");

  const { agentNonce, publicKey, protocol, agentVersion, moving = false } = hello.data;
  const { relayName } = deps;
  const { nonce } = await CENTRE.run(() => deps.centre.call("linkNonce", { relayName, publicKey }, CONNECT_TIMEOUT_MS));
  const relaySignature = signRelayProof({ relayName, agentNonce, nonce }, deps.keys.privateKey);
  const challenge = { certificate, nonce, relaySignature, ...(use === "standby" ? { standby: true } : {}) };
  let answer: unknown;
  try {
    answer = await socket.timeout(HANDSHAKE_TIMEOUT_MS).emitWithAck("link:challenge", challenge);
  } catch {
    throw new AppError("host_timeout", "No answer to the relay's challenge came in time.");
  }
  const proof = LinkProof.safeParse(answer);
  const parts = { relayName, nonce, agentNonce, protocol, agentVersion };
  if (!proof.success || !(await verifyHostProofAside(parts, proof.data.signature, publicKey, use))) {
    throw new AppError("unauthenticated", "The host's proof does not match its key.");
  }
  return { proof: { ...parts, publicKey, signature: proof.data.signature }, moving };
}
