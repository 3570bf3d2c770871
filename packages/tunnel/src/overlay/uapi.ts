import type { KeyObject } from "node:crypto";

/**
 * WireGuard's cross-platform configuration protocol (https://www.wireguard.com/xplatform/): text over a unix socket, `set=1` or `get=1`, keys
 * in hex, an empty line at the end, answered by `errno=<n>`.
 */
export interface WireGuardPeer {
  /** Raw base64, as everywhere else. */
  readonly publicKey: string;
  readonly allowedIps: readonly string[];
  /** `<address>:<port>`; undefined leaves what is known. */
  readonly endpoint?: string | undefined;
  /** Seconds. */
  readonly keepalive?: number | undefined;
}

export interface WireGuardConfig {
  readonly privateKey?: KeyObject | undefined;
  readonly listenPort?: number | undefined;
  readonly peers?: readonly WireGuardPeer[] | undefined;
  /** Public keys of peers to be forgotten. */
  readonly remove?: readonly string[] | undefined;
}

export interface WireGuardPeerState {
  readonly publicKey: string;
  readonly endpoint: string | null;
  readonly allowedIps: readonly string[];
  /** Ms since the epoch; null for never. */
  readonly lastHandshakeAt: number | null;
}

const KEY_BYTES = 32;

/** The 32 bytes of an X25519 private key, by DER: never by JWK (tunnel/keys says why). WireGuard clamps them itself. */
export function rawPrivateKey(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== "x25519") throw new TypeError(`WireGuard wants an x25519 key, not ${String(key.asymmetricKeyType)}`);
  return key.export({ format: "der", type: "pkcs8" }).subarray(-KEY_BYTES);
}

export function renderSet(config: WireGuardConfig): string {
  const lines = ["set=1"];
  // A value with a line's end in it would be a command of its own.
  const put = (name: string, value: string | number) => {
    if (/[\r\n]/.test(String(value))) throw new TypeError(`A line's end in WireGuard's ${name}`);
    lines.push(`${name}=${value}`);
  };
  if (config.privateKey !== undefined) put("private_key", rawPrivateKey(config.privateKey).toString("hex"));
  if (config.listenPort !== undefined) put("listen_port", config.listenPort);
  for (const publicKey of config.remove ?? []) {
    put("public_key", hexOf(publicKey));
    put("remove", "true");
  }
  for (const peer of config.peers ?? []) {
    put("public_key", hexOf(peer.publicKey));
    if (peer.endpoint !== undefined) put("endpoint", peer.endpoint);
    if (peer.keepalive !== undefined) put("persistent_keepalive_interval", peer.keepalive);
    put("replace_allowed_ips", "true");
    for (const ip of peer.allowedIps) put("allowed_ip", ip);
  }
  return `${lines.join("\n")}\n\n`;
}

/** @throws TypeError for a public key that is not 32 bytes of base64. */
function hexOf(publicKey: string): string {
  const bytes = Buffer.from(publicKey, "base64");
  if (bytes.length !== KEY_BYTES) throw new TypeError(`A WireGuard key has ${KEY_BYTES} bytes, not ${bytes.length}`);
  return bytes.toString("hex");
}

/** The peers in the answer to `get=1`. Unknown lines are passed over: the protocol grows. */
export function parseGet(answer: string): WireGuardPeerState[] {
  const peers: { publicKey: string; endpoint: string | null; allowedIps: string[]; seconds: number; nanoseconds: number }[] = [];
  for (const line of answer.split("\n")) {
    const [name = "", value = ""] = splitOnce(line);
    if (name === "public_key") {
      const publicKey = Buffer.from(value, "hex").toString("base64");
      peers.push({ publicKey, endpoint: null, allowedIps: [], seconds: 0, nanoseconds: 0 });
      continue;
    }
    const peer = peers.at(-1);
    if (peer === undefined) continue;
    if (name === "endpoint") peer.endpoint = value;
    else if (name === "allowed_ip") peer.allowedIps.push(value);
    else if (name === "last_handshake_time_sec") peer.seconds = Number(value);
    else if (name === "last_handshake_time_nsec") peer.nanoseconds = Number(value);
  }
  return peers.map(({ seconds, nanoseconds, ...peer }) => ({
    ...peer,
    lastHandshakeAt: seconds > 0 ? seconds * 1_000 + Math.floor(nanoseconds / 1e6) : null,
  }));
}

/** The UDP port in the answer to `get=1`; null when it holds none. */
export function listenPortIn(answer: string): number | null {
  const port = Number(/^listen_port=(\d{1,5})$/m.exec(answer)?.[1] ?? 0);
  return port > 0 && port <= 65_535 ? port : null;
}

/** 0 when all went well; null when the answer holds none. */
export function errnoIn(answer: string): number | null {
  const found = /^errno=(-?\d+)$/m.exec(answer)?.[1];
  return found === undefined ? null : Math.abs(Number(found));
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}
