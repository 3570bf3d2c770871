import type { HostId } from "@indium/contract/ids";
import { relayApi } from "@indium/contract/internal-api";
import { type OverlayGrant, OverlayOffer, overlayAddress } from "@indium/contract/overlay";
import { signEnvelope } from "@indium/tunnel/envelope";
import { signedCall } from "@indium/tunnel/signed-http";
import superjson from "superjson";
import { answerCommands } from "./commands";
import { createFixture, type Fixture, until } from "./fixture";

/** A relay with an overlay and a centre that is played, in a network namespace of its own: told what to do line by line. */
const PREFIX = "fd7a:1:2";
const [directory = "", endpoint = "", port = "0"] = process.argv.slice(2);

const addresses = new Map<HostId, number>();
const pairs = { revision: 0, pairs: [] as [string, string][] };
let fixture: Fixture | null = null;

async function start(): Promise<Fixture> {
  const made = await createFixture({
    directory,
    env: { bind: "0.0.0.0", port: 7783, overlay: { off: null, port: Number(port), endpoint, peersFile: `${directory}/peers.json` } },
  });
  const { centre, centreKeys } = made;
  let relayKey = "";
  centre.registerOverlay = ({ publicKey }) => {
    relayKey = publicKey;
    return { prefix: PREFIX, address: overlayAddress(PREFIX, "relay", 1) };
  };
  centre.handlers.joinOverlay = async ({ hostId, linkEpoch, offer }) => {
    const { publicKey } = OverlayOffer.parse(JSON.parse(offer.payload));
    const address = overlayAddress(PREFIX, "host", addresses.get(hostId) ?? 0);
    const relay = { publicKey: relayKey, address: overlayAddress(PREFIX, "relay", 1), endpoint };
    const grant: OverlayGrant = { hostId, linkEpoch, relayName: "test", publicKey, address, prefix: PREFIX, relay };
    return { publicKey, address, grant: signEnvelope("overlay-grant", grant, centreKeys.privateKey) };
  };
  centre.handlers.overlayPairs = async () => pairs;
  centre.handlers.renewLeases = async () => ({ lost: [], overlayRevision: pairs.revision });
  await until("the relay registers", () => made.logged.some((line) => line.startsWith("registered")), 30_000);
  return made;
}

function running(): Fixture {
  if (fixture === null) throw new Error("not started");
  return fixture;
}

answerCommands({
  start: async ({ epoch }) => {
    fixture = await start();
    fixture.centre.epoch = Number(epoch);
    return { centrePublicKey: fixture.centreKeys.publicKey };
  },
  host: async ({ publicKey, hostId, index }) => {
    running().centre.hosts.set(String(publicKey), hostId as HostId);
    addresses.set(hostId as HostId, Number(index));
    return {};
  },
  /** One call to a host, as web makes it. */
  call: async ({ hostId, path, timeoutMs }) => {
    const { relay, centre, centreKeys } = running();
    const [registration] = centre.calls.filter(({ name }) => name === "registerRelay");
    const { publicKey } = (registration ?? { input: {} }).input as { publicKey: string };
    const type = path === "slow" ? "mutation" : "query";
    const answer = await signedCall(
      `http://127.0.0.1:${relay.rpcPort}`,
      "call",
      { hostId, linkEpoch: centre.epochs.get(hostId as HostId) ?? 0, type, path, input: superjson.serialize(undefined), timeoutMs },
      {
        privateKey: centreKeys.privateKey,
        peerPublicKey: publicKey,
        outputSchema: relayApi.call.output,
        timeoutMs: Number(timeoutMs) + 2_000,
        peerName: "The relay",
      },
    );
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    return { result: superjson.deserialize(answer.result as never) };
  },
  pairs: async ({ of }) => {
    pairs.revision += 1;
    pairs.pairs = (of as [number, number][]).map(([a, b]) => [overlayAddress(PREFIX, "host", a), overlayAddress(PREFIX, "host", b)]);
    return {};
  },
  state: async ({ hostId }) => {
    const { relay, logged, centre } = running();
    const { carriers } = relay.metrics();
    return {
      carriers,
      rss: process.memoryUsage.rss(),
      off: relay.overlay.off,
      health: relay.overlay.health(hostId as HostId),
      logged,
      epoch: centre.epoch,
    };
  },
  close: async () => {
    await fixture?.close();
    return {};
  },
});
