import type { KeyObject } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "@indium/contract/errors";
import { errnoIn, listenPortIn, parseGet, rawPrivateKey, renderSet, type WireGuardConfig, type WireGuardPeerState } from "./uapi";

/** A WireGuard interface's configuration, wherever it lives. Never a process per peer. */
export interface WireGuard {
  /** Additive: peers that are not named stay. @throws AppError `network_failed`. */
  configure(config: WireGuardConfig): Promise<void>;
  peers(): Promise<WireGuardPeerState[]>;
  /** The UDP port it listens on; null while it does not. */
  listenPort(): Promise<number | null>;
}

/** What runs programs for this package: each app has its own door to them. */
export type RunProgram = (
  file: string,
  args: readonly string[],
  options?: { readonly input?: string; readonly allowFailure?: boolean },
) => Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;

const ANSWER_TIMEOUT_MS = 10_000;
const EADDRINUSE = 98;
/** Of a `wg set`: arguments of one process are bounded (2 MiB), a peer takes some 200 bytes. */
const PEERS_PER_PROCESS = 2_000;

/** Not namespaced, whatever the interface's namespace: names are to be unique on the machine. */
export const uapiSocket = (interfaceName: string): string => `/var/run/wireguard/${interfaceName}.sock`;

/** wireguard-go's, over its socket. */
export function uapiWireGuard(interfaceName: string): WireGuard {
  const path = uapiSocket(interfaceName);
  return {
    configure: async (config) => {
      const answer = await ask(path, renderSet(config));
      const errno = errnoIn(answer);
      if (errno === 0) return;
      throw new AppError(
        "network_failed",
        errno === EADDRINUSE
          ? `The UDP port ${config.listenPort ?? ""} is taken by another program.`
          : `WireGuard refused its configuration (errno ${errno ?? "none"}).`,
      );
    },
    peers: async () => parseGet(await ask(path, "get=1\n\n")),
    listenPort: async () => listenPortIn(await ask(path, "get=1\n\n")),
  };
}

function ask(path: string, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const chunks: Buffer[] = [];
    const fail = (words: string) => {
      socket.destroy();
      reject(new AppError("network_failed", `WireGuard's socket ${words}.`));
    };
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => fail("gave no answer"));
    socket.on("error", (error) => fail(`cannot be asked: ${error.message}`));
    socket.on("close", () => fail("was closed before it answered"));
    let tail = "";
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      tail = (tail + chunk.toString("latin1", Math.max(0, chunk.length - 2))).slice(-2);
      if (tail !== "\n\n") return;
      socket.removeAllListeners();
      socket.on("error", () => {});
      socket.end();
      resolve(Buffer.concat(chunks).toString("utf8"));
    });
    socket.write(question);
  });
}

/** The kernel's, by wg(8): Node speaks no netlink. One process per change, whatever the number of peers. */
export function toolWireGuard(interfaceName: string, run: RunProgram): WireGuard {
  const set = async (args: readonly string[]) => {
    const { code, stderr } = await run("wg", ["set", interfaceName, ...args], { allowFailure: true });
    if (code === 0) return;
    throw new AppError(
      "network_failed",
      /in use/i.test(stderr)
        ? "The UDP port is taken by another program."
        : `WireGuard refused its configuration: ${stderr.trim().slice(-200)}`,
    );
  };
  return {
    configure: async ({ privateKey, listenPort, peers = [], remove = [] }) => {
      const port = listenPort === undefined ? [] : ["listen-port", String(listenPort)];
      if (privateKey !== undefined) await withKeyFile(privateKey, (path) => set([...port, "private-key", path]));
      else if (port.length > 0) await set(port);
      const changes = [
        ...remove.map((publicKey) => ["peer", publicKey, "remove"]),
        ...peers.map(({ publicKey, endpoint, keepalive, allowedIps }) => [
          ...["peer", publicKey],
          ...(endpoint === undefined ? [] : ["endpoint", endpoint]),
          ...(keepalive === undefined ? [] : ["persistent-keepalive", String(keepalive)]),
          ...["allowed-ips", allowedIps.join(",")],
        ]),
      ];
      for (let from = 0; from < changes.length; from += PEERS_PER_PROCESS) await set(changes.slice(from, from + PEERS_PER_PROCESS).flat());
    },
    peers: async () => parseDump((await run("wg", ["show", interfaceName, "dump"])).stdout),
    listenPort: async () => listenPortIn(`listen_port=${(await run("wg", ["show", interfaceName, "listen-port"])).stdout.trim()}`),
  };
}

/** wg(8) opens a key by its path. /dev/stdin is none: Node's pipes are sockets, and those cannot be opened (ENXIO). */
async function withKeyFile<T>(key: KeyObject, use: (path: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "indium-wg-"));
  try {
    const path = join(directory, "key");
    await writeFile(path, `${rawPrivateKey(key).toString("base64")}\n`, { mode: 0o600 });
    return await use(path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** `wg show <name> dump`: one line for the interface, then one a peer, fields between tabs (wg(8)). */
export function parseDump(dump: string): WireGuardPeerState[] {
  return dump
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => {
      const [publicKey = "", , endpoint = "", allowed = "", handshake = "0"] = line.split("\t");
      return {
        publicKey,
        endpoint: endpoint === "(none)" ? null : endpoint,
        allowedIps: allowed === "(none)" ? [] : allowed.split(","),
        lastHandshakeAt: handshake === "0" ? null : Number(handshake) * 1_000,
      };
    });
}
