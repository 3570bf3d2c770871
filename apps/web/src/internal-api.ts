import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { internalApi } from "@indium/contract/internal-api";
import { createSignedHandler } from "@indium/tunnel/signed-http";
import type { Db } from "./server/db";
import { internalHandlers } from "./server/internal/handlers";
import { TrustedRelays } from "./server/internal/trusted-relays";
import type { Signer } from "./server/services/signing";

export interface InternalApiOptions {
  readonly db: Db;
  readonly signer: Signer;
  readonly keysDir: string;
  /** Loopback by default; never the public listener. Port 0 takes a free one. */
  readonly host: string;
  readonly port: number;
  readonly now?: () => number;
}

/** Serves relays' signed calls, and `/healthz` for whoever waits for the worker. */
export async function startInternalApi(options: InternalApiOptions): Promise<{ url: string; stop: () => Promise<void> }> {
  const now = options.now ?? Date.now;
  const relays = new TrustedRelays(join(options.keysDir, "relays"));
  const signed = createSignedHandler({
    api: internalApi,
    handlers: internalHandlers({ db: options.db, signer: options.signer, relays, now }),
    prefix: "/internal/",
    privateKey: options.signer.keyPair.privateKey,
    trustedKey: (id) => relays.publicKey(id),
    now,
    onInternalError: (name, error) => console.error(`internal api: ${name}: ${error.message}`, error.internal ?? "", error.cause ?? ""),
  });
  const server = createServer((req, res) => {
    if (req.url === "/healthz" && (req.method === "GET" || req.method === "HEAD")) {
      res.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
      return;
    }
    signed(req, res);
  });
  // Relays keep their connections; a request itself is never slow on a private network.
  server.keepAliveTimeout = 75_000;
  server.requestTimeout = 60_000;
  await listen(server, options.port, options.host);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 5_000).unref();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
