import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";

/** The only place where web reads its environment (server side); names and defaults are in docs/architecture.md. */
const port = (fallback: number) => z.coerce.number().int().min(1).max(65_535).default(fallback);
const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ""));
/** It is written into a shell command and a script: scheme, host and port, and nothing that a shell or a browser reads more into. */
const origin = url.refine((text) => /^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/.test(text), {
  error: "give scheme, host and port only, like https://indium.example:7780",
});

const Source = z.object({
  DATABASE_URL: z
    .string()
    .min(1)
    .refine((text) => !/^[a-z]+:\/\/[^/?]*,/.test(text.replace(/\/\/[^/?]*@/, "//")), {
      error: "it names several servers, and the driver takes one: put HAProxy before them (docs/operations/postgres-ha.md)",
    })
    .optional(),
  INDIUM_STATE_DIR: z.string().min(1).optional(),
  INDIUM_KEYS_DIR: z.string().min(1).optional(),
  INDIUM_BLOBS_DIR: z.string().min(1).optional(),
  INDIUM_DIST_DIR: z.string().min(1).optional(),
  INDIUM_MIGRATIONS_DIR: z.string().min(1).optional(),
  INDIUM_CATALOGUE_FILE: z.string().min(1).optional(),
  INDIUM_BIND: z.string().min(1).default("127.0.0.1"),
  INDIUM_PORT: port(7780),
  INDIUM_WEB_PORT: port(7781),
  INDIUM_INTERNAL_PORT: port(7782),
  INDIUM_RELAY_PORT: port(7783),
  INDIUM_RELAY_RPC_PORT: port(7784),
  INDIUM_PUBLIC_URL: origin.default("http://localhost:7780"),
  INDIUM_INTERNAL_URL: z
    .string()
    .default("http://127.0.0.1:7782")
    .transform((text) => text.split(",").map((each) => each.trim()))
    .pipe(z.array(url)),
  INDIUM_INTERNAL_BIND: z.string().min(1).optional(),
  INDIUM_TLS_CERT: z.string().min(1).optional(),
  INDIUM_TLS_KEY: z.string().min(1).optional(),
  INDIUM_SECRET_KEY: z.string().min(1).optional(),
  INDIUM_ALLOW_PRIVATE_IMAGE_HOSTS: z.string().default(""),
});

export interface Env {
  readonly databaseUrl: string | null;
  readonly stateDir: string;
  readonly keysDir: string;
  readonly blobsDir: string;
  readonly distDir: string;
  readonly migrationsDir: string;
  readonly catalogueFile: string;
  readonly bind: string;
  readonly port: number;
  readonly webPort: number;
  readonly internalPort: number;
  readonly relayPort: number;
  readonly relayRpcPort: number;
  /** Without a trailing slash: what users and hosts are told. */
  readonly publicUrl: string;
  /** Where the internal API listens; null when several addresses are given and none of them says which. */
  readonly internalBind: string | null;
  readonly tlsCertFile: string | null;
  readonly tlsKeyFile: string | null;
  /** Null: read from the keys folder. */
  readonly secretKey: string | null;
  readonly allowPrivateImageHosts: readonly string[];
}

/** @throws Error naming every variable that cannot be used. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const parsed = Source.safeParse(present);
  if (!parsed.success)
    throw new Error(
      `The environment cannot be used: ${parsed.error.issues.map((each) => `${each.path.join(".")}: ${each.message}`).join("; ")}`,
    );
  const given = parsed.data;
  const stateDir = resolve(
    given.INDIUM_STATE_DIR ?? (process.getuid?.() === 0 ? "/var/lib/indium" : join(homedir(), ".local/share/indium")),
  );
  return {
    databaseUrl: given.DATABASE_URL ?? null,
    stateDir,
    keysDir: given.INDIUM_KEYS_DIR ?? join(stateDir, "keys"),
    blobsDir: given.INDIUM_BLOBS_DIR ?? join(stateDir, "blobs"),
    distDir: resolve(given.INDIUM_DIST_DIR ?? "dist"),
    migrationsDir: resolve(given.INDIUM_MIGRATIONS_DIR ?? "prisma/migrations"),
    catalogueFile: resolve(given.INDIUM_CATALOGUE_FILE ?? "image/catalogue.json"),
    bind: given.INDIUM_BIND,
    port: given.INDIUM_PORT,
    webPort: given.INDIUM_WEB_PORT,
    internalPort: given.INDIUM_INTERNAL_PORT,
    relayPort: given.INDIUM_RELAY_PORT,
    relayRpcPort: given.INDIUM_RELAY_RPC_PORT,
    publicUrl: given.INDIUM_PUBLIC_URL,
    internalBind: given.INDIUM_INTERNAL_BIND ?? bindOf(given.INDIUM_INTERNAL_URL),
    tlsCertFile: given.INDIUM_TLS_CERT ?? null,
    tlsKeyFile: given.INDIUM_TLS_KEY ?? null,
    secretKey: given.INDIUM_SECRET_KEY ?? null,
    allowPrivateImageHosts: given.INDIUM_ALLOW_PRIVATE_IMAGE_HOSTS.split(",")
      .map((each) => each.trim())
      .filter((each) => each !== ""),
  };
}

/** Relays on other machines: the internal URL names an address of this one. It is a private network's, and calls are signed both ways. */
function bindOf(internalUrls: readonly string[]): string | null {
  const hosts = new Set(internalUrls.map((each) => new URL(each).hostname.replace(/^\[|\]$/g, "")));
  if ([...hosts].every((host) => host === "127.0.0.1" || host === "localhost" || host === "::1")) return "127.0.0.1";
  const [only, ...others] = hosts;
  return only === undefined || others.length > 0 ? null : only;
}

let current: Env | undefined;
export function env(): Env {
  current ??= readEnv();
  return current;
}
