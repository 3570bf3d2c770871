import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const Port = z.coerce.number().int().min(0).max(65_535);

const Environment = z.object({
  INDIUM_STATE_DIR: z.string().min(1).optional(),
  INDIUM_KEYS_DIR: z.string().min(1).optional(),
  INDIUM_INTERNAL_URL: z.url().default("http://127.0.0.1:7782"),
  INDIUM_RELAY_NAME: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be lower-case letters, digits and hyphens")
    .default("local"),
  INDIUM_RELAY_BIND: z.string().min(1).default("127.0.0.1"),
  INDIUM_RELAY_PORT: Port.default(7783),
  INDIUM_RELAY_RPC_BIND: z.string().min(1).default("127.0.0.1"),
  INDIUM_RELAY_RPC_PORT: Port.default(7784),
  /** Where web reaches the RPC listener, when it is not on this machine. */
  INDIUM_RELAY_RPC_URL: z.url().optional(),
});

export interface RelayEnv {
  readonly name: string;
  readonly keysDirectory: string;
  readonly internalUrl: string;
  readonly bind: string;
  readonly port: number;
  readonly rpcBind: string;
  readonly rpcPort: number;
  readonly rpcUrl: string | null;
}

/** @throws Error naming the variable that is wrong. */
export function readEnv(environment: Readonly<Record<string, string | undefined>>): RelayEnv {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`${issue?.path.join(".") ?? "environment"}: ${issue?.message ?? "is malformed"}`);
  }
  const value = parsed.data;
  const stateDirectory =
    value.INDIUM_STATE_DIR ?? (process.getuid?.() === 0 ? "/var/lib/indium" : join(homedir(), ".local", "share", "indium"));
  return {
    name: value.INDIUM_RELAY_NAME,
    keysDirectory: value.INDIUM_KEYS_DIR ?? join(stateDirectory, "keys"),
    internalUrl: value.INDIUM_INTERNAL_URL,
    bind: value.INDIUM_RELAY_BIND,
    port: value.INDIUM_RELAY_PORT,
    rpcBind: value.INDIUM_RELAY_RPC_BIND,
    rpcPort: value.INDIUM_RELAY_RPC_PORT,
    rpcUrl: value.INDIUM_RELAY_RPC_URL ?? null,
  };
}
