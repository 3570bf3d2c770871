import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import { internalApi } from "@indium/contract/internal-api";
import { signEnvelope } from "@indium/tunnel/envelope";
import { loadOrCreateKeyPair, readPublicKeyFile } from "@indium/tunnel/key-files";
import { createSignedHandler } from "@indium/tunnel/signed-http";
import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { createConsoleServer } from "../../apps/agent/src/console/server";
import type { VmHandle } from "../../apps/agent/src/drivers/types";
import { Link } from "../../apps/agent/src/link/dial";
import { loadIdentity } from "../../apps/agent/src/link/identity";
import { createStreams } from "../../apps/agent/src/link/streams";
import { driveAgents } from "./agents-role";
import { callHost } from "./caller-role";
import { hostIdOf } from "./host-id";

/**
 * What stands around the relay in its benches, a process each: `idle`, `vm`, `hop`, `centre <folder>`, `agent <folder> <name> <origin> <vm's port> <pin>`,
 * `agents <folder> …`, `caller <folder> …`. Says `{port}` to its parent when ready.
 */
const [role = "", ...parameters] = process.argv.slice(2);
const say = (message: object) => process.send?.(message);
const listen = async (server: Server, host = "127.0.0.1"): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
};

/** `B<megabytes, 8 digits>` asks for so much, `E` for an echo of the rest, `M` for both at once: without end, and echoes in between. */
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
      const mixed = first[0] === 0x4d;
      let left = mixed ? Number.POSITIVE_INFINITY : Number(first.subarray(1, 9).toString()) * 1_048_576;
      const chunk = Buffer.alloc(262_144, 7);
      if (mixed) socket.on("data", () => socket.write(Buffer.alloc(64, 1)));
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

async function centre(directory: string): Promise<Server> {
  const keys = await loadOrCreateKeyPair(join(directory, "keys", "centre"), "ed25519");
  const empty = async () => ({});
  const nonce = Buffer.alloc(32).toString("base64");
  let epoch = 0;
  return createServer(
    createSignedHandler({
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
        linkNonce: async () => ({ nonce }),
        connectHost: async ({ relayName, agentNonce, publicKey }) => {
          epoch += 1;
          const claimed = { hostId: hostIdOf(publicKey), linkEpoch: epoch };
          return { ...claimed, claim: signEnvelope("link-claim", { ...claimed, relayName, agentNonce }, keys.privateKey) };
        },
        standbyHost: async ({ publicKey }) => ({ hostId: hostIdOf(publicKey) }),
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
    }),
  );
}

async function agent(directory: string, name: string, origin: string, vmPort: number, pin: string): Promise<void> {
  const centrePublicKey = await readPublicKeyFile(join(directory, "keys", "centre.pub"), "ed25519");
  if (centrePublicKey === null) throw new Error("the centre has no key yet");
  const identity = await loadIdentity(join(directory, name));
  const hostId = hostIdOf(identity.signing.publicKey);
  const membership = { formatVersion: 1 as const, hostId, centrePublicKey, relayUrls: [origin], origin, tlsPin: pin === "" ? null : pin };
  const openVnc = async () => {
    const socket = connect({ port: vmPort, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return socket;
  };
  const findVm = async (_id: InstanceId) => ({ openVnc }) as unknown as VmHandle;
  const t = initTRPC.create({ transformer: superjson });
  const link = new Link({
    identity,
    membership,
    agentVersion: "bench",
    router: t.router({ clock: t.procedure.query(() => Date.now()) }),
    createContext: () => ({}),
    onReady: createStreams({ membership, server: createConsoleServer({ findVm, serialLog: async () => Buffer.alloc(0) }) }),
    onState: (state) => {
      if (state.kind === "ready") say({ epoch: state.linkEpoch, hostId });
    },
  });
  link.start();
}

async function main(): Promise<void> {
  const [first = "", second = "", third = "", fourth = "", fifth = ""] = parameters;
  switch (role) {
    case "idle":
      return void say({ port: 1 });
    case "vm":
      return void say({ port: await listen(vm(), first === "" ? undefined : first) });
    case "hop":
      return void say({ port: await listen(hop(Number(first))) });
    case "centre":
      return void say({ port: await listen(await centre(first)) });
    case "agent":
      return await agent(first, second, third, Number(fourth), fifth);
    case "agents":
      return await driveAgents(parameters);
    case "caller":
      return await callHost(parameters);
    default:
      throw new Error(`no role ${role}`);
  }
}

process.on("SIGTERM", () => process.exit(0));
await main();
