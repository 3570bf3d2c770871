import { IpEndpoint, OverlayCandidates } from "@indium/contract/direct";
import { OverlayCarryAnswer, OverlayJoinAnswer, UdpEndpoint } from "@indium/contract/overlay";
import { encodeFrames, FrameReader, isWireGuard } from "@indium/tunnel/overlay/carrier-frames";
import { decodeHeartbeat, encodeHeartbeat, HEARTBEAT_BYTES, roundTripOf } from "@indium/tunnel/overlay/heartbeat";
import { errnoIn, listenPortIn, parseGet } from "@indium/tunnel/overlay/uapi";
import { parseDump } from "@indium/tunnel/overlay/wireguard";
import { worthTrying } from "../../apps/agent/src/overlay/candidates";
import { parsed, type Target } from "../target";
import { fixedKeyPair } from "./honest";

/** What comes through the tunnel, and what the program that makes it answers. */

const KEY = fixedKeyPair("x25519", 1).publicKey;
const HEX = Buffer.from(KEY, "base64").toString("hex");

const heartbeatTarget: Target = {
  name: "overlay-heartbeat",
  seeds: [
    { bytes: encodeHeartbeat({ kind: "ask", stampMs: 1_000, echoMs: 0, heldMs: 0 }) },
    { bytes: encodeHeartbeat({ kind: "answer", stampMs: 123_456.789, echoMs: 5_000.5, heldMs: 4_999 }) },
  ],
  run: (input) => {
    const heartbeat = decodeHeartbeat(input);
    return heartbeat === null ? null : { heartbeat, roundTrip: roundTripOf(heartbeat, 123_500) };
  },
  check: (value, input) => {
    if (value === null) return null;
    const { heartbeat, roundTrip } = value as { heartbeat: Record<string, number>; roundTrip: number | null };
    if (input.length !== HEARTBEAT_BYTES) return "a heartbeat of another length";
    for (const part of [heartbeat.stampMs, heartbeat.echoMs, heartbeat.heldMs])
      if (part === undefined || !Number.isFinite(part) || part < 0) return "a time that is none";
    return roundTrip === null || (Number.isFinite(roundTrip) && roundTrip >= 0) ? null : "a round trip that is none";
  },
};

const wireguardTarget: Target = {
  name: "overlay-wireguard",
  seeds: [
    {
      bytes: `private_key=${HEX}\nlisten_port=7785\npublic_key=${HEX}\nendpoint=192.0.2.1:7\nlast_handshake_time_sec=5\nallowed_ip=fd00:1:2:2::1/128\nerrno=0\n\n`,
    },
    { bytes: `${KEY}\t${KEY}\t7785\toff\n${KEY}\t(none)\t192.0.2.1:9\tfd00:1:2:2::1/128\t100\t1\t2\toff\n` },
  ],
  run: (input) => {
    const text = input.toString("utf8");
    return [errnoIn(text), listenPortIn(text), parseGet(text), parseDump(text)];
  },
  growth: 40,
};

const joinTarget: Target = {
  name: "overlay-join",
  seeds: [
    { json: { ok: false, error: { code: "unsupported", message: "no" } } },
    {
      json: {
        ok: true,
        linkPort: 7786,
        heartbeatPort: 7786,
        grant: { purpose: "overlay-grant", payload: "{}", keyId: "0".repeat(16), signature: "AAAA" },
        endpoint: "[2001:db8::1]:7785",
      },
    },
  ],
  run: (input) => {
    const value = parsed(input);
    const endpoint = typeof value === "object" && value !== null && "endpoint" in value ? value.endpoint : null;
    return [OverlayJoinAnswer.safeParse(value).data ?? null, UdpEndpoint.safeParse(endpoint).data ?? null];
  },
};

/** What a relay says of where it sees a host, and what a host says of where it is: nothing of it is tried that is no address of a machine. */
const candidatesTarget: Target = {
  name: "overlay-candidates",
  seeds: [
    { json: "203.0.113.5:61000" },
    { json: "[2001:db8::7]:4000" },
    {
      json: {
        kind: "overlay.candidates",
        candidates: [
          { kind: "lan", endpoint: "10.0.0.7:4000" },
          { kind: "observed", endpoint: "[2001:db8::7]:1" },
        ],
        nat: "changesPorts",
      },
    },
  ],
  run: (input) => {
    const value = parsed(input);
    const observed = IpEndpoint.safeParse(value).data ?? null;
    const told = OverlayCandidates.safeParse(value).data ?? null;
    return { observed, told, tried: worthTrying(told?.candidates ?? [], ["10.0.0.1"]) };
  },
  check: (value) => {
    const { tried } = value as { tried: readonly { endpoint: string }[] };
    // Into WireGuard's line protocol it goes as it is.
    const bad = tried.find(({ endpoint }) => /[^0-9a-f:.[\]]/.test(endpoint) || /^(127\.|0\.|\[::1\])/.test(endpoint));
    return bad === undefined ? null : `would be tried: ${bad.endpoint}`;
  },
};

const datagram = (type: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length, 0x5a);
  bytes.writeUInt32LE(type, 0);
  return bytes;
};

/** Reads the whole input in pieces of one size; what came of it. */
function framesIn(input: Buffer, size: number) {
  const datagrams: string[] = [];
  const acknowledged: number[] = [];
  const reader = new FrameReader({
    datagram: (bytes) => void datagrams.push(bytes.toString("hex")),
    acknowledged: (total) => void acknowledged.push(total),
  });
  for (let at = 0; at < input.length; at += size)
    if (!reader.push(input.subarray(at, at + size))) return { datagrams, acknowledged, garbage: true };
  return { datagrams, acknowledged, garbage: false };
}

/** What comes in a carrier's stream, at host and relay: the same however it is cut, and nothing that is none of WireGuard's messages. */
const carrierTarget: Target = {
  name: "overlay-carrier",
  seeds: [
    { bytes: encodeFrames([datagram(1, 148), datagram(4, 1_312), datagram(4, 32)], 70_000) },
    { bytes: encodeFrames([datagram(2, 92), datagram(3, 64)], null) },
  ],
  run: (input) => ({ whole: framesIn(input, Math.max(1, input.length)), cut: framesIn(input, 7) }),
  check: (value) => {
    const { whole, cut } = value as Record<"whole" | "cut", ReturnType<typeof framesIn>>;
    if (JSON.stringify(whole) !== JSON.stringify(cut)) return "it means something else when it is cut";
    return whole.datagrams.every((hex) => isWireGuard(Buffer.from(hex, "hex"))) ? null : "a datagram that is none of WireGuard's";
  },
  growth: 10,
};

const carryTarget: Target = {
  name: "overlay-carry",
  seeds: [{ json: { ok: true, streamId: "st-0123456789abcdef0" } }, { json: { ok: false, error: { code: "unsupported", message: "no" } } }],
  run: (input) => OverlayCarryAnswer.safeParse(parsed(input)).data ?? null,
};

export const OVERLAY_TARGETS: readonly Target[] = [
  heartbeatTarget,
  wireguardTarget,
  joinTarget,
  candidatesTarget,
  carrierTarget,
  carryTarget,
];
