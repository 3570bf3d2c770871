import type { DesiredPeer } from "@indium/contract/direct";
import { newId } from "@indium/contract/plain/ids";
import type { ReportBody } from "@indium/contract/report";
import { generateSealingKeyPair } from "@indium/tunnel/keys";
import { renderSet, type WireGuardConfig, type WireGuardPeerState } from "@indium/tunnel/overlay/uapi";
import { expect, it } from "vitest";
import { createLog } from "../system/log";
import { DirectPeers } from "./direct-peers";

/** An interface that remembers its peers as WireGuard does, and shakes hands where the test says so. */
class PlayedInterface {
  readonly peersByKey = new Map<string, WireGuardPeerState>();
  readonly asked: string[] = [];
  answering = new Set<string>();
  failing = false;
  looks = 0;
  configurations = 0;

  wireguard = {
    configure: async (config: WireGuardConfig) => {
      renderSet(config);
      this.configurations += 1;
      if (this.failing) throw new Error("played");
      for (const publicKey of config.remove ?? []) this.peersByKey.delete(publicKey);
      for (const { publicKey, endpoint, allowedIps } of config.peers ?? []) {
        const known = this.peersByKey.get(publicKey) ?? { publicKey, endpoint: null, allowedIps: [], lastHandshakeAt: null };
        this.peersByKey.set(publicKey, { ...known, allowedIps, endpoint: endpoint ?? known.endpoint });
      }
    },
    peers: async () => {
      this.looks += 1;
      return [...this.peersByKey.values()].map((peer) =>
        peer.endpoint !== null && this.answering.has(peer.endpoint) ? { ...peer, lastHandshakeAt: 1_700_000_000_000 } : peer,
      );
    },
  };
  heartbeats = { ask: (address: string) => void this.asked.push(address), close: () => {} };
}

const OWN = ["10.0.0.1"];
const peer = (at: number, change: Partial<DesiredPeer> = {}): DesiredPeer => ({
  ...{ hostId: newId("host"), name: `lab-${at}`, publicKey: generateSealingKeyPair().publicKey, address: `fd00:1:2:2::${at}`, nat: null },
  candidates: [{ kind: "lan", endpoint: `10.0.0.${at}:4000` }],
  ...change,
});

function host() {
  const reports: ReportBody[] = [];
  const device = new PlayedInterface();
  let now = 1_000;
  const peers = new DirectPeers({
    log: createLog({ format: "json", level: "error" }),
    report: (body) => reports.push(body),
    now: () => now,
  });
  peers.surroundings(OWN, null);
  peers.up(device);
  /** Quarter seconds, with what is asynchronous in between done. */
  const pass = async (ms: number) => {
    for (const until = now + ms; now < until; now += 250) {
      peers.tick(now);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const of = ({ publicKey }: DesiredPeer) => device.peersByKey.get(publicKey);
  const events = () => reports.flatMap((report) => (report.kind === "host.event" ? [report.code] : []));
  return { peers, device, pass, of, events };
}

it("gives another host its /128 after a handshake, and not before", async () => {
  const { peers, device, pass, of, events } = host();
  const other = peer(2);
  peers.desired([other]);
  await pass(500);
  expect(of(other)).toMatchObject({ endpoint: "10.0.0.2:4000", allowedIps: [] });
  expect(peers.paths()).toMatchObject([{ state: "probing", lastHandshakeAt: null }]);
  device.answering.add("10.0.0.2:4000");
  await pass(1_000);
  expect(of(other)?.allowedIps).toEqual([`${other.address}/128`]);
  expect(peers.paths()).toMatchObject([
    { state: "direct", via: { kind: "lan", endpoint: "10.0.0.2:4000" }, lastHandshakeAt: 1_700_000_000_000 },
  ]);
  expect(events()).toEqual(["pair_direct"]);
  // Nobody answers in it: the relay's again.
  await pass(10_000);
  expect(of(other)?.allowedIps).toEqual([]);
  expect(events()).toEqual(["pair_direct", "pair_relayed"]);
});

it("keeps a way that is answered, and measures it", async () => {
  const { peers, device, pass } = host();
  const other = peer(2);
  device.answering.add("10.0.0.2:4000");
  peers.desired([other]);
  for (let at = 0; at < 40; at += 1) {
    await pass(1_000);
    peers.answered(other.address, 0.4567);
  }
  expect(peers.paths()).toMatchObject([{ state: "direct", roundTripMs: 0.46 }]);
  // Many heartbeats, and WireGuard itself is hardly asked.
  expect(device.asked.length).toBeGreaterThan(15);
  expect(device.looks).toBeLessThan(10);
});

it("removes whoever is not desired any more, and a key that was another's", async () => {
  const { peers, pass, of, device } = host();
  const [left, right] = [peer(2), peer(3)];
  device.answering.add("10.0.0.2:4000").add("10.0.0.3:4000");
  peers.desired([left, right]);
  await pass(1_000);
  const renewed = { ...right, publicKey: generateSealingKeyPair().publicKey };
  peers.desired([renewed]);
  await pass(500);
  expect([of(left), of(right)]).toEqual([undefined, undefined]);
  expect(of(renewed)).toBeDefined();
  expect(peers.knows(left.address)).toBe(false);
  expect(peers.paths()).toHaveLength(1);
});

it("sets all peers by one request", async () => {
  const { peers, pass, device } = host();
  peers.desired(Array.from({ length: 50 }, (_, at) => peer(at + 2)));
  await pass(250);
  expect(device.peersByKey.size).toBe(50);
  expect(device.configurations).toBe(1);
});

it("says nothing is direct that could not be set so, and tries again", async () => {
  const { peers, pass, device, of } = host();
  const other = peer(2);
  peers.desired([other]);
  await pass(500);
  device.answering.add("10.0.0.2:4000");
  device.failing = true;
  await pass(3_000);
  expect(peers.paths()).toMatchObject([{ state: "probing" }]);
  device.failing = false;
  await pass(10_000);
  expect(of(other)).toBeDefined();
});

it("has no way of its own without the interface, and finds them anew with the next one", async () => {
  const { peers, pass, device, events } = host();
  const other = peer(2);
  device.answering.add("10.0.0.2:4000");
  peers.desired([other]);
  await pass(1_000);
  peers.down();
  expect(peers.paths()).toMatchObject([{ state: "relayed", reason: "noTunnel", via: null }]);
  expect(events()).toEqual(["pair_direct", "pair_relayed"]);
  const next = new PlayedInterface();
  next.answering.add("10.0.0.2:4000");
  peers.up(next);
  await pass(1_000);
  expect(peers.paths()).toMatchObject([{ state: "direct" }]);
});

it("does not knock at itself", async () => {
  const { peers, pass, of } = host();
  const other = peer(2, { candidates: [{ kind: "lan", endpoint: `${OWN[0]}:4000` }] });
  peers.desired([other]);
  await pass(500);
  expect(of(other)?.endpoint).toBeNull();
  expect(peers.paths()).toMatchObject([{ state: "relayed", reason: "noCandidates" }]);
});
