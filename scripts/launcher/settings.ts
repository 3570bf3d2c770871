import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { LauncherError } from "./say";

/** Everything the launcher takes from the environment and its arguments; names and defaults are in docs/architecture.md. */
export interface Settings {
  readonly root: string;
  readonly isRoot: boolean;
  readonly stateDir: string;
  readonly bind: string;
  readonly port: number;
  readonly webPort: number;
  readonly internalPort: number;
  readonly relayPort: number;
  readonly relayRpcPort: number;
  /** Beside the one at relayPort: INDIUM_RELAYS in all. */
  readonly moreRelays: readonly ExtraRelay[];
  readonly publicUrl: string;
  readonly databaseUrl: string | null;
  /** Number of simulated hosts asked for; null: decide by what the machine can do. */
  readonly simulated: number | null;
  readonly development: boolean;
  readonly buildDebian: boolean;
  /** The database is a dump of before: hosts know newer documents than it does. */
  readonly restored: boolean;
}

export interface ExtraRelay {
  readonly name: string;
  readonly port: number;
  readonly rpcPort: number;
  readonly overlayPort: number;
}

const MAX_RELAYS = 9;
/** Each further relay's ports are so much above those of the one before. */
const PORTS_APART = 10;

function moreRelays(relayPort: number, rpcPort: number, overlayPort: number): ExtraRelay[] {
  const text = process.env.INDIUM_RELAYS;
  const count = text === undefined || text === "" ? 1 : Number(text);
  if (!Number.isInteger(count) || count < 1 || count > MAX_RELAYS)
    throw new LauncherError(`INDIUM_RELAYS=${text}: give how many relays are to run on this machine, from 1 to ${MAX_RELAYS}.`);
  return Array.from({ length: count - 1 }, (_, at) => {
    const above = (at + 1) * PORTS_APART;
    return { name: `${relayName()}-${at + 2}`, port: relayPort + above, rpcPort: rpcPort + above, overlayPort: overlayPort + above };
  });
}

export const relayName = (): string => process.env.INDIUM_RELAY_NAME ?? "local";

function port(name: string, fallback: number): number {
  const text = process.env[name];
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new LauncherError(`${name}=${text} is no port. Give a number from 1 to 65535.`);
  return value;
}

export function readSettings(root: string, args: readonly string[]): Settings {
  const isRoot = process.getuid?.() === 0;
  const known = new Set(["--simulated", "--dev", "--no-debian-image", "--restored", "--help"]);
  for (const arg of args) if (!known.has(arg)) throw new LauncherError(`Unknown option ${arg}. Known: ${[...known].join(", ")}.`);
  const base = port("INDIUM_PORT", 7780);
  const bind = process.env.INDIUM_BIND ?? "127.0.0.1";
  const loopback = bind === "127.0.0.1" || bind === "::1" || bind === "localhost";
  const development = args.includes("--dev");
  const relayPort = port("INDIUM_RELAY_PORT", base + 3);
  const relayRpcPort = port("INDIUM_RELAY_RPC_PORT", base + 4);
  return {
    root,
    isRoot,
    stateDir: resolve(
      process.env.INDIUM_STATE_DIR ??
        (development ? join(root, ".state/dev") : isRoot ? "/var/lib/indium" : join(homedir(), ".local/share/indium")),
    ),
    bind,
    port: base,
    webPort: port("INDIUM_WEB_PORT", base + 1),
    internalPort: port("INDIUM_INTERNAL_PORT", base + 2),
    relayPort,
    relayRpcPort,
    moreRelays: moreRelays(relayPort, relayRpcPort, port("INDIUM_OVERLAY_PORT", base + 5)),
    publicUrl: (process.env.INDIUM_PUBLIC_URL ?? `${loopback ? "http" : "https"}://${loopback ? "localhost" : bind}:${base}`).replace(
      /\/+$/,
      "",
    ),
    databaseUrl: process.env.DATABASE_URL ?? null,
    simulated: args.includes("--simulated") || development ? 2 : null,
    development,
    restored: args.includes("--restored"),
    buildDebian: !args.includes("--no-debian-image") && process.env.INDIUM_BUILD_DEBIAN !== "0",
  };
}

/** What every process of the installation is told. */
export function processEnvironment(settings: Settings, databaseUrl: string): NodeJS.ProcessEnv {
  const inherited = { ...process.env };
  // The launcher's own loader must not reach the bundles.
  delete inherited.NODE_OPTIONS;
  return {
    ...inherited,
    NODE_ENV: settings.development ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    DATABASE_URL: databaseUrl,
    INDIUM_STATE_DIR: settings.stateDir,
    INDIUM_KEYS_DIR: join(settings.stateDir, "keys"),
    INDIUM_BLOBS_DIR: join(settings.stateDir, "blobs"),
    INDIUM_DIST_DIR: process.env.INDIUM_DIST_DIR ?? join(settings.root, "dist"),
    INDIUM_BIND: settings.bind,
    INDIUM_PORT: String(settings.port),
    INDIUM_WEB_PORT: String(settings.webPort),
    INDIUM_INTERNAL_PORT: String(settings.internalPort),
    INDIUM_RELAY_PORT: String(settings.relayPort),
    INDIUM_RELAY_RPC_PORT: String(settings.relayRpcPort),
    INDIUM_OVERLAY_PORT: process.env.INDIUM_OVERLAY_PORT ?? String(settings.port + 5),
    INDIUM_INTERNAL_URL: `http://127.0.0.1:${settings.internalPort}`,
    INDIUM_PUBLIC_URL: settings.publicUrl,
    NEXTAUTH_URL: settings.publicUrl,
    INDIUM_RELAY_NAME: relayName(),
    INDIUM_FRONT_RELAYS: [
      ...settings.moreRelays.map((relay) => `${relay.name}=127.0.0.1:${relay.port}`),
      ...(process.env.INDIUM_FRONT_RELAYS === undefined ? [] : [process.env.INDIUM_FRONT_RELAYS]),
    ].join(","),
    // Everything stops at once here: there is nobody to drain to.
    INDIUM_RELAY_DRAIN_SECONDS: process.env.INDIUM_RELAY_DRAIN_SECONDS ?? "0",
    INDIUM_MIGRATIONS_DIR: join(settings.root, "prisma/migrations"),
    INDIUM_CATALOGUE_FILE: join(settings.root, "image/catalogue.json"),
  };
}

/** What one of the further relays is told instead. */
export const extraRelayEnvironment = (env: NodeJS.ProcessEnv, relay: ExtraRelay): NodeJS.ProcessEnv => ({
  ...env,
  INDIUM_RELAY_NAME: relay.name,
  INDIUM_RELAY_PORT: String(relay.port),
  INDIUM_RELAY_RPC_PORT: String(relay.rpcPort),
  INDIUM_OVERLAY_PORT: String(relay.overlayPort),
});
