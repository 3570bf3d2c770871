import { createServer } from "node:http";
import { createMetadataService } from "../apps/agent/src/metadata/service";
import { createNetworkManager } from "../apps/agent/src/network/manager";
import { assignedNic, guestDocument, natNetwork } from "../apps/agent/src/network/testing/lab";

/** The processes of the metadata bench: `agent <stateDir> <hostNetns> <nics>` and `plain`. Each tells its parent when it is ready. */
const [role = "", ...parameters] = process.argv.slice(2);
const say = (message: object) => process.send?.(message);
/** The first NICs also bring what is needed once: compiled code, pools. */
const WARM_UP = 20;

interface Memory {
  readonly rss: number;
  readonly heap: number;
}

function memory(): Memory {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

export interface AgentReady {
  readonly bringUpMs: number;
  readonly warmUp: number;
  readonly before: Memory;
  readonly after: Memory;
}

async function agent(stateDir: string, hostNetns: string, count: number): Promise<void> {
  const log = (level: string, message: string): void => console.error(`${level}: ${message}`);
  // A clock that runs a thousand times too fast: the limits per guest (200 requests a second) are not what is measured.
  const metadata = createMetadataService({ log, now: () => Date.now() * 1_000 });
  const manager = createNetworkManager({ stateDir, metadata, vmUid: 65_534, hostNetns, log });
  const network = natNetwork({ ipv4: { cidr: "10.231.0.0/16", gateway: "10.231.0.1" } });
  await manager.ensureNetwork(network);
  const guests = Array.from({ length: count }, (_, index) => {
    const nic = assignedNic(network, 0, {
      macAddress: `52:54:00:78:${(index >> 8).toString(16).padStart(2, "0")}:${(index & 255).toString(16).padStart(2, "0")}`,
      ipv4: { address: `10.231.${1 + (index >> 8)}.${index & 255}`, prefixLength: 16, gateway: "10.231.0.1" },
    });
    return { nic, document: guestDocument([nic], [network], `bench-${index}`) };
  });
  for (const { document } of guests) metadata.setDocument(document);
  const bringUp = (some: typeof guests) =>
    Promise.all(some.map(({ nic, document }) => manager.ensureNic(nic, network, document.instance.id)));
  await bringUp(guests.slice(0, WARM_UP));
  const before = memory();
  const began = performance.now();
  await bringUp(guests.slice(WARM_UP));
  const bringUpMs = performance.now() - began;
  say({ bringUpMs, warmUp: WARM_UP, before, after: memory(), nics: guests.map(({ nic }) => nic), network } satisfies AgentReady &
    Record<string, unknown>);
  // The first NIC's tap was taken for a guest's cable: its rules are loaded anew for it.
  process.on("message", () => {
    const [first] = guests;
    if (first !== undefined) void manager.ensureNic(first.nic, network, first.document.instance.id).then(() => say({ again: true }));
  });
}

/** What a guest would be told, told by node:http alone. */
function plain(): void {
  const body = parameters[0] ?? "";
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body), server: "plain" });
    response.end(body);
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    say({ port: typeof address === "object" && address !== null ? address.port : 0 });
  });
}

process.on("disconnect", () => process.exit(0));
switch (role) {
  case "agent":
    await agent(parameters[0] ?? "", parameters[1] ?? "", Number(parameters[2]));
    break;
  case "plain":
    plain();
    break;
  default:
    throw new Error(`no role ${role}`);
}
