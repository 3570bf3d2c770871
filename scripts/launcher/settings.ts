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
  readonly publicUrl: string;
  readonly databaseUrl: string | null;
  /** Number of simulated hosts asked for; null: decide by what the machine can do. */
  readonly simulated: number | null;
  readonly development: boolean;
  readonly buildDebian: boolean;
}

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
  const known = new Set(["--simulated", "--dev", "--no-debian-image", "--help"]);
  for (const arg of args) if (!known.has(arg)) throw new LauncherError(`Unknown option ${arg}. Known: ${[...known].join(", ")}.`);
  const base = port("INDIUM_PORT", 7780);
  const bind = process.env.INDIUM_BIND ?? "127.0.0.1";
  const loopback = bind === "127.0.0.1" || bind === "::1" || bind === "localhost";
  const development = args.includes("--dev");
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
    relayPort: port("INDIUM_RELAY_PORT", base + 3),
    relayRpcPort: port("INDIUM_RELAY_RPC_PORT", base + 4),
    publicUrl: (process.env.INDIUM_PUBLIC_URL ?? `${loopback ? "http" : "https"}://${loopback ? "localhost" : bind}:${base}`).replace(
      /\/+$/,
      "",
    ),
    databaseUrl: process.env.DATABASE_URL ?? null,
    simulated: args.includes("--simulated") || development ? 2 : null,
    development,
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
    INDIUM_RELAY_NAME: process.env.INDIUM_RELAY_NAME ?? "local",
    INDIUM_MIGRATIONS_DIR: join(settings.root, "prisma/migrations"),
    INDIUM_CATALOGUE_FILE: join(settings.root, "image/catalogue.json"),
  };
}
