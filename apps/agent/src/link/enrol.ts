import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { EnrolmentToken, type EnrolRequest, EnrolResponse } from "@indium/contract/enrolment";
import { AppError, WireError } from "@indium/contract/errors";
import type { HostFacts } from "@indium/contract/host";
import { PROTOCOL_VERSION } from "@indium/contract/protocol";
import { readForeignJson } from "@indium/tunnel/foreign-json";
import { signText } from "@indium/tunnel/keys";
import type { Identity, Membership } from "./identity";
import { type TlsPin, tlsOptions } from "./tls-pin";

const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 100_000;

export interface EnrolOptions {
  /** Of the web origin: `https://indium.example:7780`. */
  readonly origin: string;
  readonly token: string;
  readonly identity: Identity;
  readonly facts: HostFacts;
  readonly tlsPin: TlsPin | null;
  /** From the install command, raw base64: an answer with another key is refused. Null trusts the first answer. */
  readonly expectedCentreKey: string | null;
}

/**
 * Registers this host's keys with a single-use token. The caller keeps the result with `saveMembership`.
 * @throws AppError `token_invalid`, `token_used`, `token_expired`, `signature_invalid` for another centre than the pinned one,
 *   `host_unreachable` when the origin gives no answer.
 */
export async function enrol(options: EnrolOptions): Promise<Membership> {
  const { identity, expectedCentreKey } = options;
  const token = EnrolmentToken.safeParse(options.token);
  if (!token.success) throw new AppError("token_invalid", `The token ${token.error.issues[0]?.message ?? "is malformed"}.`);
  const publicKey = identity.signing.publicKey;
  const sealingKey = identity.sealing.publicKey;
  const body: EnrolRequest = {
    token: token.data,
    protocol: PROTOCOL_VERSION,
    publicKey,
    sealingKey,
    signature: signText(`indium:enrol\n${token.data}\n${publicKey}\n${sealingKey}`, identity.signing.privateKey),
    facts: options.facts,
  };
  const answer = await post(new URL("/api/enrol", options.origin), JSON.stringify(body), options.tlsPin);
  if (answer.status !== 200) {
    const error = wireErrorIn(answer.body);
    if (error !== null) throw AppError.fromWire(error);
    throw new AppError(
      "host_unreachable",
      `${options.origin} answered ${answer.status} to the enrolment. Is this the address of Indium's dashboard?`,
    );
  }
  const parsed = EnrolResponse.safeParse(answer.body);
  if (!parsed.success)
    throw new AppError(
      "internal",
      `${options.origin} gave an answer to the enrolment which this agent does not understand; update the agent.`,
    );
  if (expectedCentreKey !== null && parsed.data.centrePublicKey !== expectedCentreKey) {
    throw new AppError(
      "signature_invalid",
      `${options.origin} is not the installation the install command was copied from: its key is another. Nothing was changed; copy the command again.`,
    );
  }
  const { hostId, centrePublicKey, relayUrls, relays } = parsed.data;
  const membership = { hostId, centrePublicKey, relayUrls, ...(relays === undefined ? {} : { relays }) };
  return { formatVersion: 1, ...membership, origin: new URL(options.origin).origin, tlsPin: options.tlsPin };
}

function wireErrorIn(body: unknown): WireError | null {
  const candidate = typeof body === "object" && body !== null && "error" in body ? body.error : body;
  const parsed = WireError.safeParse(candidate);
  return parsed.success ? parsed.data : null;
}

function post(url: URL, body: string, tlsPin: TlsPin | null): Promise<{ status: number; body: unknown }> {
  const headers = { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)), accept: "application/json" };
  return new Promise((resolve, reject) => {
    const unreachable = (cause: Error) =>
      reject(new AppError("host_unreachable", `${url.origin} cannot be reached from this host: ${cause.message}.`, { cause }));
    const outgoing =
      url.protocol === "https:"
        ? httpsRequest(url, { method: "POST", headers, timeout: TIMEOUT_MS, ...tlsOptions(tlsPin) })
        : httpRequest(url, { method: "POST", headers, timeout: TIMEOUT_MS });
    outgoing.on("error", unreachable);
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in 30 s")));
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) outgoing.destroy(new Error("the answer is too long"));
        else chunks.push(chunk);
      });
      response.on("error", unreachable);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: readForeignJson(Buffer.concat(chunks).toString("utf8")) }),
      );
    });
    outgoing.end(body);
  });
}
