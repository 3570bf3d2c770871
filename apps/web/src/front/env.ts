import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type BoundsOptions, USUAL_BOUNDS } from "./bounds";

const Port = z.coerce.number().int().min(0).max(65_535);

const Environment = z.object({
  INDIUM_STATE_DIR: z.string().min(1).optional(),
  INDIUM_KEYS_DIR: z.string().min(1).optional(),
  INDIUM_BIND: z.string().min(1).default("127.0.0.1"),
  INDIUM_PORT: Port.default(7780),
  INDIUM_WEB_PORT: Port.default(7781),
  INDIUM_RELAY_PORT: Port.default(7783),
  INDIUM_FRONT_RELAYS: z.string().max(10_000).default(""),
  INDIUM_PUBLIC_URL: z.url().default("http://localhost:7780"),
  INDIUM_FRONT_MAX_CONNECTIONS: z.coerce.number().int().min(1).default(USUAL_BOUNDS.connections),
  INDIUM_FRONT_MAX_PER_ADDRESS: z.coerce.number().int().min(1).default(USUAL_BOUNDS.perAddress),
  /** On this machine only: what the front turned away. None unless given. */
  INDIUM_FRONT_METRICS_PORT: Port.optional(),
  INDIUM_TLS_CERT: z.string().min(1).optional(),
  INDIUM_TLS_KEY: z.string().min(1).optional(),
});

export interface FrontEnv {
  readonly bind: string;
  readonly port: number;
  readonly webPort: number;
  readonly relayPort: number;
  /** Of INDIUM_FRONT_RELAYS, `<name>=<host>:<port>` each: relays beside the one at relayPort. */
  readonly relays: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  readonly bounds: BoundsOptions;
  readonly metricsPort: number | null;
  readonly publicUrl: string;
  readonly keysDirectory: string;
  /** Paths of PEM files; null for plain http on loopback and a self-signed certificate beyond. */
  readonly tls: { readonly certificatePath: string; readonly keyPath: string } | null;
}

/** @throws Error naming the variable that is wrong. */
export function readFrontEnv(environment: Readonly<Record<string, string | undefined>>): FrontEnv {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`${issue?.path.join(".") ?? "environment"}: ${issue?.message ?? "is malformed"}`);
  }
  const value = parsed.data;
  const { INDIUM_TLS_CERT: certificatePath, INDIUM_TLS_KEY: keyPath } = value;
  if ((certificatePath === undefined) !== (keyPath === undefined)) {
    throw new Error("INDIUM_TLS_CERT and INDIUM_TLS_KEY go together: set both or neither");
  }
  const stateDirectory =
    value.INDIUM_STATE_DIR ?? (process.getuid?.() === 0 ? "/var/lib/indium" : join(homedir(), ".local", "share", "indium"));
  return {
    bind: value.INDIUM_BIND,
    port: value.INDIUM_PORT,
    webPort: value.INDIUM_WEB_PORT,
    relayPort: value.INDIUM_RELAY_PORT,
    relays: relaysIn(value.INDIUM_FRONT_RELAYS),
    bounds: { connections: value.INDIUM_FRONT_MAX_CONNECTIONS, perAddress: value.INDIUM_FRONT_MAX_PER_ADDRESS },
    metricsPort: value.INDIUM_FRONT_METRICS_PORT ?? null,
    publicUrl: value.INDIUM_PUBLIC_URL,
    keysDirectory: value.INDIUM_KEYS_DIR ?? join(stateDirectory, "keys"),
    tls: certificatePath === undefined || keyPath === undefined ? null : { certificatePath, keyPath },
  };
}

function relaysIn(text: string): FrontEnv["relays"] {
  const relays = new Map<string, { host: string; port: number }>();
  for (const part of text.split(",").map((each) => each.trim())) {
    if (part === "") continue;
    const match = /^([a-z0-9][a-z0-9-]{0,62})=(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/.exec(part);
    const [, name, host, port] = match ?? [];
    if (name === undefined || host === undefined || Number(port) < 1 || Number(port) > 65_535)
      throw new Error(`INDIUM_FRONT_RELAYS: "${part}" is not <name>=<host>:<port>`);
    relays.set(name, { host: host.replace(/^\[|\]$/g, ""), port: Number(port) });
  }
  return relays;
}

/** Nobody but this machine can reach it. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || /^127\.\d+\.\d+\.\d+$/.test(address);
}
