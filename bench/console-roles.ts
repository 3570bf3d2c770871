import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import type { HostId, InstanceId } from "@indium/contract/ids";
import { internalApi } from "@indium/contract/internal-api";
import { signEnvelope } from "@indium/tunnel/envelope";
import { loadOrCreateKeyPair, readPublicKeyFile } from "@indium/tunnel/key-files";
import { createSignedHandler } from "@indium/tunnel/signed-http";
import { initTRPC } from "@trpc/server";
import { createConsoleServer } from "../apps/agent/src/console/server";
import type { VmHandle } from "../apps/agent/src/drivers/types";
import { Link } from "../apps/agent/src/link/dial";
import { loadIdentity } from "../apps/agent/src/link/identity";
import { createStreams } from "../apps/agent/src/link/streams";
import { startRelay } from "../apps/relay/src/relay";

/** The processes of the console bench, one role each: `vm`, `hop`, `centre`, `relay`, `agent`. Says `{port}` to its parent when ready. */
const [role = "", ...parameters] = process.argv.slice(2);
const say = (message: object) => process.send?.(message);
const listen = async (server: Server, port = 0): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

/** `B<megabytes, 8 digits>` asks for so much, `E` for an echo of the rest. */
function vm(): Server {
  return createTcpServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.once("data", (first: Buffer) => {
      if (first[0] === 0x45) {
        socket.write(first.subarray(1));
        socket.pipe(socket);
        return;
      }
      let left = Number(first.subarray(1, 9).toString()) * 1_048_576;
      const chunk = Buffer.alloc(262_144, 7);
      const more = () => {
        while (left > 0) {
          left -= chunk.length;
          if (!socket.write(chunk)) return;
        }
      };
      socket.on("drain", more);
      more();
    });
  });
}

/** A plain second hop, as a tunnel from the relay to the host would be. */
function hop(target: number): Server {
  return createTcpServer((socket) => {
    const onward = connect({ port: target, host: "127.0.0.1", noDelay: true });
    socket.setNoDelay(true);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] satisfies [Socket, Socket][]) {
      one.pipe(other);
      one.on("error", () => other.destroy());
    }
  });
}

async function main(): Promise<void> {
  const [directory = "", first = "", second = "", third = ""] = parameters;
  switch (role) {
    case "vm":
      return void say({ port: await listen(vm()) });
    case "hop":
      return void say({ port: await listen(hop(Number(parameters[0]))) });
    case "centre": {
      const keys = await loadOrCreateKeyPair(join(directory, "keys", "centre"), "ed25519");
      const empty = async () => ({});
      const handler = createSignedHandler({
        api: internalApi,
        prefix: "/internal/",
        privateKey: keys.privateKey,
        trustedKey: () => readPublicKeyFile(join(directory, "keys", "relays", "bench.pub"), "ed25519"),
        handlers: {
          registerRelay: async ({ name, publicKey }) => ({
            certificate: signEnvelope(
              "relay-certificate",
              { relayName: name, publicKey, expiresAt: Date.now() + 3_600_000 },
              keys.privateKey,
            ),
            centrePublicKey: keys.publicKey,
          }),
          linkNonce: async () => ({ nonce: Buffer.alloc(32).toString("base64") }),
          connectHost: async ({ relayName, agentNonce }) => {
            const claimed = { hostId: first as HostId, linkEpoch: Date.now() };
            return { ...claimed, claim: signEnvelope("link-claim", { ...claimed, relayName, agentNonce }, keys.privateKey) };
          },
          disconnectHost: empty,
          renewLeases: async () => ({ lost: [] }),
          joinOverlay: async () => {
            throw new AppError("unsupported", "This bench has no overlay.");
          },
          overlayPairs: async () => ({ revision: 0, pairs: [] }),
          ingestReports: async () => {
            throw new AppError("unsupported", "This bench takes no reports.");
          },
          ingestUsage: empty,
          consoleEvent: empty,
        },
      });
      return void say({ port: await listen(createServer(handler)) });
    }
    case "relay": {
      const env = {
        name: "bench",
        keysDirectory: join(directory, "keys"),
        internalUrls: [`http://127.0.0.1:${first}`],
        bind: "127.0.0.1",
        port: 0,
        rpcBind: "127.0.0.1",
        rpcPort: 0,
        rpcUrl: null,
        overlay: { off: "Not in this bench.", port: 0, endpoint: null, peersFile: join(directory, "peers.json") },
      };
      const relay = await startRelay(env, (_level, message) => {
        if (message.startsWith("registered")) say({ port: relay.port });
      });
      return;
    }
    case "agent": {
      const centrePublicKey = await readPublicKeyFile(join(directory, "keys", "centre.pub"), "ed25519");
      if (centrePublicKey === null) throw new Error("the centre has no key yet");
      const relayUrl = `http://127.0.0.1:${first}`;
      const membership = {
        formatVersion: 1 as const,
        hostId: third as HostId,
        centrePublicKey,
        relayUrls: [relayUrl],
        origin: relayUrl,
        tlsPin: null,
      };
      const openVnc = async () => connect({ port: Number(second), host: "127.0.0.1", noDelay: true });
      const findVm = async (_id: InstanceId) => ({ openVnc }) as unknown as VmHandle;
      const link = new Link({
        identity: await loadIdentity(join(directory, "agent")),
        membership,
        agentVersion: "bench",
        router: initTRPC.create().router({}),
        createContext: () => ({}),
        onReady: createStreams({ membership, server: createConsoleServer({ findVm, serialLog: async () => Buffer.alloc(0) }) }),
        onState: (state) => {
          if (state.kind === "ready") say({ port: 1 });
        },
      });
      link.start();
      return;
    }
    default:
      throw new Error(`no role ${role}`);
  }
}

process.on("disconnect", () => process.exit(0));
await main();
