import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { SignedCommand } from "@indium/contract/command";
import type { ConsoleTicket } from "@indium/contract/console";
import type { SignedEnvelope } from "@indium/contract/envelope";
import type { HostDocument } from "@indium/contract/host-document";
import type { LinkClaim, RelayCertificate } from "@indium/contract/link";
import type { OverlayGrant } from "@indium/contract/overlay";
import type { RelayList } from "@indium/contract/relays";
import type { ReportAck } from "@indium/contract/report";
import { signEnvelope } from "@indium/tunnel/envelope";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import { type KeyPair, signText, verifyText } from "@indium/tunnel/keys";

/** An agent refuses a command after this; long enough for a slow link, too short to be kept for later. */
export const COMMAND_TTL_MS = 60_000;

/** The centre's key: what makes a document, a command, a ticket or a relay trustworthy to an agent. */
export interface Signer {
  readonly keyPair: KeyPair;
  /** Raw Ed25519, base64: what install commands pin. */
  readonly publicKey: string;
}

const signers = new Map<string, Promise<Signer>>();

/** `centre.key` in the keys folder, made at first start with mode 0600. Read once per process. */
export function loadSigner(keysDir: string): Promise<Signer> {
  const known = signers.get(keysDir);
  if (known !== undefined) return known;
  const loading = loadOrCreateKeyPair(join(keysDir, "centre"), "ed25519").then(signerOf);
  signers.set(keysDir, loading);
  loading.catch(() => signers.delete(keysDir));
  return loading;
}

export const signerOf = (keyPair: KeyPair): Signer => ({ keyPair, publicKey: keyPair.publicKey });

export const signDocument = (signer: Signer, document: HostDocument): SignedEnvelope =>
  signEnvelope("desired-document", document, signer.keyPair.privateKey);

export const signTicket = (signer: Signer, ticket: ConsoleTicket): SignedEnvelope =>
  signEnvelope("console-ticket", ticket, signer.keyPair.privateKey);

export const signRelayCertificate = (signer: Signer, certificate: RelayCertificate): SignedEnvelope =>
  signEnvelope("relay-certificate", certificate, signer.keyPair.privateKey);

export const signLinkClaim = (signer: Signer, claim: LinkClaim): SignedEnvelope =>
  signEnvelope("link-claim", claim, signer.keyPair.privateKey);

export const signOverlayGrant = (signer: Signer, grant: OverlayGrant): SignedEnvelope =>
  signEnvelope("overlay-grant", grant, signer.keyPair.privateKey);

export const signRelayList = (signer: Signer, list: RelayList): SignedEnvelope =>
  signEnvelope("relay-list", list, signer.keyPair.privateKey);

export const signReportAck = (signer: Signer, ack: ReportAck): SignedEnvelope => signEnvelope("report-ack", ack, signer.keyPair.privateKey);

/** A call to one agent that no relay may make by itself, good once and for a minute. `input` is the procedure's. */
export function signCommand(
  signer: Signer,
  command: Pick<SignedCommand, "hostId" | "centreEpoch" | "operationId" | "procedure"> & { input: unknown },
  nowMs: number,
): SignedEnvelope {
  const payload: SignedCommand = {
    ...command,
    input: JSON.stringify(command.input),
    commandId: randomBytes(16).toString("hex"),
    expiresAt: nowMs + COMMAND_TTL_MS,
  };
  return signEnvelope("command", payload, signer.keyPair.privateKey);
}

const fetchText = (sha256: string, hostId: string, expiresAtMs: number): string =>
  `indium:image-fetch\n${sha256}\n${hostId}\n${expiresAtMs}`;

export const signImageFetch = (signer: Signer, sha256: string, hostId: string, expiresAtMs: number): string =>
  Buffer.from(signText(fetchText(sha256, hostId, expiresAtMs), signer.keyPair.privateKey), "base64").toString("base64url");

export const verifyImageFetch = (signer: Signer, sha256: string, hostId: string, expiresAtMs: number, signature: string): boolean =>
  verifyText(fetchText(sha256, hostId, expiresAtMs), Buffer.from(signature, "base64url").toString("base64"), signer.publicKey);
