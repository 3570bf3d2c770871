import { createHash, type X509Certificate } from "node:crypto";
import { Agent as HttpsAgent, type RequestOptions } from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect } from "node:tls";
import { z } from "zod";

/** `sha256//` and the base64 of the SHA-256 of the certificate's SubjectPublicKeyInfo: what curl's --pinnedpubkey takes. */
export const TlsPin = z.string().regex(/^sha256\/\/[A-Za-z0-9+/]{43}=$/, "must be sha256// and 44 characters of base64");
export type TlsPin = z.infer<typeof TlsPin>;

const HANDSHAKE_TIMEOUT_MS = 15_000;

export function pinOf(certificate: X509Certificate): TlsPin {
  const spki = certificate.publicKey.export({ format: "der", type: "spki" });
  return `sha256//${createHash("sha256").update(spki).digest("base64")}`;
}

/**
 * Trusts one public key in place of the certificate authorities. Node asks `checkServerIdentity` only after a chain verified, which
 * a self-signed one does not: so the connection is handed out only once its key has been compared, and not a byte is sent before.
 */
class PinnedAgent extends HttpsAgent {
  readonly #pin: TlsPin;

  constructor(pin: TlsPin) {
    super({ keepAlive: false });
    this.#pin = pin;
  }

  override createConnection(options: RequestOptions, callback?: (error: Error | null, stream: Duplex) => void): Duplex | null | undefined {
    const host = options.host ?? "";
    const socket = connect({
      ...(options as ConnectionOptions),
      servername: isIP(host) === 0 ? host : "",
      // The pin replaces the chain; see above.
      rejectUnauthorized: false,
    });
    const fail = (error: Error) => {
      socket.destroy();
      callback?.(error, socket);
    };
    const late = setTimeout(() => fail(new Error("TLS handshake timed out")), HANDSHAKE_TIMEOUT_MS);
    socket.once("error", fail);
    socket.once("close", () => clearTimeout(late));
    socket.once("secureConnect", () => {
      clearTimeout(late);
      const certificate = socket.getPeerX509Certificate();
      if (certificate === undefined || pinOf(certificate) !== this.#pin) {
        fail(new Error("the server's key is not the pinned one: it was replaced, or something stands between this host and it"));
        return;
      }
      socket.off("error", fail);
      callback?.(null, socket);
    });
    // Nothing now: the callback hands it out.
    return undefined;
  }
}

/** Options for https.request and for socket.io-client: links, streams and downloads trust the same key. Empty without a pin: the authorities decide. */
export function tlsOptions(pin: TlsPin | null): { agent?: HttpsAgent } {
  return pin === null ? {} : { agent: new PinnedAgent(pin) };
}
