import { AppError } from "@indium/contract/errors";
import type { OverlayGrant, OverlayJoinAnswer } from "@indium/contract/overlay";
import { OverlayOffer } from "@indium/contract/overlay";
import { newId } from "@indium/contract/plain/ids";
import { openEnvelope, signEnvelope } from "@indium/tunnel/envelope";
import { generateSealingKeyPair, generateSigningKeyPair } from "@indium/tunnel/keys";
import { expect, it } from "vitest";
import type { ReadyLink } from "../link/connection";
import { FakeClock } from "../system/fake-clock";
import { createLog } from "../system/log";
import { AgentOverlay } from "./agent-overlay";

const centre = generateSigningKeyPair();
const signing = generateSigningKeyPair();
const key = generateSealingKeyPair();
const hostId = newId("host");
const relayKey = generateSealingKeyPair().publicKey;

/** A host whose machine makes no interface: what it would run is kept. */
function host(answer: (offer: unknown) => OverlayJoinAnswer | Error, relayUrl = "https://relay.example:7780") {
  const ran: string[] = [];
  const offers: unknown[] = [];
  const overlay = new AgentOverlay({
    ...{ stateDir: "/nowhere", hostId, centrePublicKey: centre.publicKey, signing, key },
    clock: new FakeClock(),
    log: createLog({ format: "json", level: "error" }),
    move: async () => null,
    dial: () => Promise.reject(new Error("not dialled")),
    report: () => {},
    system: {
      run: async (file, args) => {
        ran.push([file, ...args].join(" "));
        return { code: 2, stdout: "", stderr: "RTNETLINK answers: Operation not permitted" };
      },
      start: () => ({ ended: Promise.resolve("ended"), kill: () => {} }),
    },
  });
  const socket = {
    connected: true,
    timeout: () => ({
      emit: () => {},
      emitWithAck: async (_event: string, offer: unknown) => {
        offers.push(offer);
        const answered = answer(offer);
        if (answered instanceof Error) throw answered;
        return answered;
      },
    }),
  };
  overlay.ready({ socket, relayUrl, relayName: "rome", linkEpoch: 4 } as unknown as ReadyLink);
  return { overlay, ran, offers };
}

const granted = (change: Partial<OverlayGrant> = {}, signer = centre): OverlayJoinAnswer => ({
  ok: true,
  linkPort: 7786,
  heartbeatPort: 7786,
  grant: signEnvelope(
    "overlay-grant",
    {
      ...{ hostId, linkEpoch: 4, relayName: "rome", publicKey: key.publicKey, address: "fd00:1:2:2::5", prefix: "fd00:1:2" },
      relay: { publicKey: relayKey, address: "fd00:1:2:1::1", endpoint: "192.0.2.1:7785" },
      ...change,
    } satisfies OverlayGrant,
    signer.privateKey,
  ),
});
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

it("offers its key for its link, by its own signature, and says when its machine may not", async () => {
  const { overlay, ran, offers } = host(() => granted());
  await settled();
  const offer = openEnvelope(offers[0], { purpose: "overlay-offer", publicKeys: [signing.publicKey], schema: OverlayOffer });
  expect(offer).toEqual({ hostId, linkEpoch: 4, publicKey: key.publicKey });
  expect(ran[0]).toMatch(/^ip link del iova-[0-9a-f]{8}$/);
  expect(overlay.path()).toMatchObject({ kind: "websocket", reason: "hostOff", detail: expect.stringContaining("CAP_NET_ADMIN") });
  await overlay.close();
});

it("configures nothing by a grant that the centre did not make for this host, this link, this relay and this key", async () => {
  for (const answer of [
    granted({}, generateSigningKeyPair()),
    granted({ hostId: newId("host") }),
    granted({ linkEpoch: 3 }),
    granted({ relayName: "oslo" }),
    granted({ publicKey: relayKey }),
  ]) {
    const { overlay, ran } = host(() => answer);
    await settled();
    expect(ran).toEqual([]);
    expect(overlay.path()).toMatchObject({ kind: "websocket", reason: "hostOff" });
    await overlay.close();
  }
});

it("says what the relay says, and that it says nothing", async () => {
  const refusing = host(() => ({ ok: false, error: new AppError("unsupported", "There is no WireGuard here.").toWire() }));
  await settled();
  expect(refusing.overlay.path()).toMatchObject({ reason: "relayOff", detail: "There is no WireGuard here." });
  const same = host(() => ({ ok: false, error: new AppError("action_denied", "One machine.").toWire() }));
  await settled();
  expect(same.overlay.path()).toMatchObject({ reason: "sameMachine", detail: null });
  const old = host(() => new Error("no answer"));
  await settled();
  expect(old.overlay.path()).toMatchObject({ reason: "relayOff", detail: expect.stringContaining("older version") });
  for (const { overlay } of [refusing, same, old]) await overlay.close();
});

it("asks for none where the relay is this machine", async () => {
  const { overlay, offers } = host(() => granted(), "http://localhost:7780");
  await settled();
  expect(offers).toEqual([]);
  expect(overlay.path()).toMatchObject({ kind: "websocket", reason: "sameMachine" });
  await overlay.close();
});
