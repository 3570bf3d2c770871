import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { LinkHello, type RelayCertificate } from "@indium/contract/link";
import { RELAY_PATHS } from "@indium/contract/protocol";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair, type KeyPair } from "@indium/tunnel/keys";
import { signRelayProof } from "@indium/tunnel/link-proof";
import { Server } from "socket.io";
import type { LinkServer, LinkSocket } from "../sessions/session";

export const RELAY_NAME = "test";

/** A relay with a rightful key and certificate that does with its links what a test likes: no line of the real one is in it. */
export async function startStolenRelay(centre: KeyPair) {
  const keys = generateSigningKeyPair();
  const http = createServer();
  const io: LinkServer = new Server(http, { path: RELAY_PATHS.link, transports: ["websocket"], serveClient: false });
  const certificate = signEnvelope(
    "relay-certificate",
    { relayName: RELAY_NAME, publicKey: keys.publicKey, expiresAt: Date.now() + 3_600_000 } satisfies RelayCertificate,
    centre.privateKey,
  );
  const relay = {
    keys,
    /** Told of each host that has proved itself, with its hello. */
    onProved: (_socket: LinkSocket, _hello: LinkHello): void => {},
    url: "",
    close: () => io.close(),
  };
  io.on("connection", async (socket) => {
    const hello = LinkHello.parse(socket.handshake.auth);
    const nonce = Buffer.alloc(32, 1).toString("base64");
    const proof = { relayName: RELAY_NAME, agentNonce: hello.agentNonce, nonce };
    await socket
      .timeout(10_000)
      .emitWithAck("link:challenge", { certificate, nonce, relaySignature: signRelayProof(proof, keys.privateKey) });
    relay.onProved(socket, hello);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  relay.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return relay;
}
