import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { AppError } from "@indium/contract/errors";

/**
 * A TLS connection to a server known by its public key (curl's `--pinnedpubkey`): the certificate's chain and name do not count,
 * the key must match before a byte of the request is sent.
 * @param pin `sha256//<base64 of the SPKI's SHA-256>`.
 * @throws AppError `image_unavailable`.
 */
export function connectPinned(options: { host: string; port: number; pin: string; timeoutMs: number }): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: options.host,
      port: options.port,
      rejectUnauthorized: false,
      ...(isIP(options.host) === 0 ? { servername: options.host } : {}),
    });
    socket.setTimeout(options.timeoutMs, () => socket.destroy(new Error("timed out while connecting")));
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      socket.setTimeout(0);
      socket.off("error", reject);
      const certificate = socket.getPeerX509Certificate();
      if (certificate !== undefined && pinOf(certificate.publicKey.export({ type: "spki", format: "der" })) === options.pin) {
        resolve(socket);
        return;
      }
      socket.on("error", () => {});
      socket.destroy();
      reject(
        new AppError(
          "image_unavailable",
          `The server at ${options.host} shows another key than this host's agent was installed with. If the centre's certificate was renewed, run its install command here again.`,
        ),
      );
    });
  });
}

export function pinOf(spki: Buffer): string {
  return `sha256//${createHash("sha256").update(spki).digest("base64")}`;
}
