import type { KeyObject } from "node:crypto";
import { signText, verifyText, verifyTextAside } from "./keys";

/**
 * What both sides of a control link sign (contract/link.ts). All of it bears the relay's name, so that a proof given to one relay is worth
 * nothing at another; the host's also bears what its hello said, so that a relay passes it on unchanged or not at all.
 */
export interface RelayProofParts {
  readonly relayName: string;
  readonly agentNonce: string;
  readonly nonce: string;
}

export interface HostProofParts extends RelayProofParts {
  readonly protocol: number;
  readonly agentVersion: string;
}

const relayText = (parts: RelayProofParts): string => `indium:link-relay\n${parts.relayName}\n${parts.agentNonce}\n${parts.nonce}`;

/** What the host proves itself for. The proof of a standby is none of a link: it claims nothing at the centre, whoever has it. */
export type ProofUse = "host" | "standby";

const hostText = (parts: HostProofParts, use: ProofUse): string =>
  `indium:link-${use}\n${parts.relayName}\n${parts.nonce}\n${parts.agentNonce}\n${parts.protocol}\n${parts.agentVersion}`;

export const signRelayProof = (parts: RelayProofParts, key: KeyObject): string => signText(relayText(parts), key);

export const verifyRelayProof = (parts: RelayProofParts, signature: string, publicKey: string): boolean =>
  verifyText(relayText(parts), signature, publicKey);

export const signHostProof = (parts: HostProofParts, key: KeyObject, use: ProofUse = "host"): string => signText(hostText(parts, use), key);

export const verifyHostProof = (parts: HostProofParts, signature: string, publicKey: string, use: ProofUse = "host"): boolean =>
  verifyText(hostText(parts, use), signature, publicKey);

export const verifyHostProofAside = (
  parts: HostProofParts,
  signature: string,
  publicKey: string,
  use: ProofUse = "host",
): Promise<boolean> => verifyTextAside(hostText(parts, use), signature, publicKey);
