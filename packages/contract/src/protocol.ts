/**
 * The version of everything agents, relays and the centre say to each other. The centre speaks N and N−1;
 * a host runs last month's agent. Every change is dated here and described in docs/protocol.md.
 */
export const PROTOCOL_VERSION = 1;

export const PROTOCOL_HISTORY: readonly { version: number; date: string; change: string }[] = [
  { version: 1, date: "2026-11-21", change: "First version: link, signed documents, reports, replies and usage, console streams." },
];

/** Versions the centre still accepts from an agent. */
export const SUPPORTED_PROTOCOL_VERSIONS: readonly number[] = [PROTOCOL_VERSION, PROTOCOL_VERSION - 1].filter((version) => version >= 1);

/** Public paths under the one public origin. */
export const RELAY_PATHS = {
  /** socket.io's path for agents' control links. */
  link: "/relay/link",
  /** Agents dial back here, one connection per byte stream: `/relay/stream/<streamId>`. */
  stream: "/relay/stream",
  /** Browsers' console websockets: `/relay/console?ticket=…`. */
  console: "/relay/console",
  health: "/relay/health",
} as const;

/**
 * Query parameter of links, streams and consoles: the name of the relay they are for. What stands in front of several relays under one origin
 * goes by it; relays themselves do not look at it.
 */
export const RELAY_QUERY = "relay";

/** The value of the `Upgrade` header of an agent's dial-back (not a websocket: raw bytes after the 101). */
export const STREAM_UPGRADE = "indium-stream";
