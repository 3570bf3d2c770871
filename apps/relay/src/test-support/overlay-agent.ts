import { DesiredPeer } from "@indium/contract/direct";
import type { HostId } from "@indium/contract/ids";
import type { ReportBody } from "@indium/contract/report";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import { Link } from "../../../agent/src/link/dial";
import { loadIdentity } from "../../../agent/src/link/identity";
import { createStreams, dialStream } from "../../../agent/src/link/streams";
import { AgentOverlay } from "../../../agent/src/overlay/agent-overlay";
import { systemClock } from "../../../agent/src/system/clock";
import { createLog } from "../../../agent/src/system/log";
import { overlaySystem } from "../../../agent/src/system/overlay-system";
import { answerCommands } from "./commands";
import { slowCalls, testRouter } from "./fixture";

/** An agent's link and overlay in a network namespace of its own: told what to do line by line. */
const [directory = "", relayUrl = ""] = process.argv.slice(2);
const identity = await loadIdentity(directory);
const overlayKey = () => loadOrCreateKeyPair(`${directory}/keys/overlay`, "x25519");
let running: { link: Link<typeof testRouter>; overlay: AgentOverlay } | null = null;
const states: string[] = [];
const reports: ReportBody[] = [];

answerCommands({
  key: async () => ({ publicKey: identity.signing.publicKey }),
  start: async ({ hostId, centrePublicKey, listenPort, declaredEndpoint }) => {
    const membership = {
      formatVersion: 1 as const,
      hostId: hostId as HostId,
      centrePublicKey: String(centrePublicKey),
      relayUrls: [relayUrl],
      origin: relayUrl,
      tlsPin: null,
    };
    const overlay = new AgentOverlay({
      stateDir: directory,
      hostId: membership.hostId,
      centrePublicKey: membership.centrePublicKey,
      signing: identity.signing,
      key: await overlayKey(),
      system: overlaySystem,
      clock: systemClock,
      log: createLog({ format: "plain", level: "error" }),
      move: (url) => link.move(url),
      dial: (ready, streamId) => dialStream(ready, streamId, null),
      listenPort: Number(listenPort ?? 0),
      declaredEndpoint: declaredEndpoint === undefined ? null : String(declaredEndpoint),
      report: (body) => reports.push(body),
    });
    const attach = createStreams({ membership, server: { accept: ({ socket }) => void socket.pipe(socket), end: () => {} } });
    const link = new Link({
      identity,
      membership,
      agentVersion: "0.0.0-test",
      router: testRouter,
      createContext: () => ({}),
      onReady: (ready) => {
        attach(ready);
        overlay.ready(ready);
      },
      onState: (state) => states.push(state.kind === "ready" ? `ready ${state.relayUrl}` : state.kind),
      random: () => 0.05,
    });
    running = { link, overlay };
    link.start();
    return {};
  },
  state: async () => ({
    path: running?.overlay.path(),
    link: running?.link.state,
    states,
    slow: slowCalls.count,
    rss: process.memoryUsage.rss(),
  }),
  /** As the centre's document says it. */
  peers: async ({ desired }) => {
    running?.overlay.peers(DesiredPeer.array().parse(desired));
    return {};
  },
  direct: async () => ({
    paths: running?.overlay.peerPaths() ?? [],
    told: reports.findLast((report) => report.kind === "overlay.candidates") ?? null,
    events: reports.flatMap((report) => (report.kind === "host.event" ? [report.code] : [])),
  }),
  overlayKey: async () => ({ publicKey: (await overlayKey()).publicKey }),
  close: async () => {
    await running?.overlay.close();
    await running?.link.stop();
    return {};
  },
});
