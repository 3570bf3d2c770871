import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { UdpEndpoint } from "@indium/contract/overlay";
import { z } from "zod";

export const DEFAULT_STATE_DIR = "/var/lib/indium-agent";

/** Socket paths must fit 107 bytes, so sockets live apart from the state, in a short place. */
const DEFAULT_RUN_DIR = "/run/indium";

const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const Environment = z.object({
  INDIUM_AGENT_STATE_DIR: optional(z.string().min(1)),
  INDIUM_AGENT_RUN_DIR: optional(z.string().min(1)),
  INDIUM_ACCEL: optional(z.enum(["kvm", "tcg"])),
  INDIUM_VM_LIMITS: optional(z.enum(["systemd", "cgroup", "none"])),
  /** Comma-separated CIDRs or host names. */
  INDIUM_ALLOW_PRIVATE_IMAGE_HOSTS: optional(z.string().max(10_000)),
  /** Where Tiny's disk or kernel may be found, for probing KVM. */
  INDIUM_GUEST_DIR: optional(z.string().min(1)),
  /** WireGuard's UDP port on this host, to be forwarded by a NAT; and by which address and port others then reach it. */
  INDIUM_AGENT_OVERLAY_PORT: optional(z.coerce.number().int().min(1).max(65_535)),
  INDIUM_AGENT_OVERLAY_ENDPOINT: optional(UdpEndpoint),
  INDIUM_HOSTNAME: optional(z.string().min(1).max(253)),
  INDIUM_LOG_FORMAT: optional(z.enum(["plain", "json"])),
  INDIUM_LOG_LEVEL: optional(z.enum(["debug", "info", "warn", "error"])),
  /** Enrolment tokens by the environment, because arguments show in the process list. */
  INDIUM_ENROL_TOKEN: optional(z.string()),
  INDIUM_ENROL_TOKENS: optional(z.string()),
});

export interface AgentEnv {
  readonly stateDir: string;
  readonly runDir: string;
  readonly acceleration: "kvm" | "tcg" | undefined;
  /** What bounds VMs; null chooses what the machine has. */
  readonly vmLimits: "systemd" | "cgroup" | "none" | null;
  readonly allowPrivateImageHosts: readonly string[];
  readonly guestDir: string | null;
  /** 0: any. */
  readonly overlayPort: number;
  readonly overlayEndpoint: string | null;
  /** Shown in place of the machine's own name; null takes that. */
  readonly hostname: string | null;
  readonly logFormat: "plain" | "json";
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly enrolTokens: readonly string[];
}

/** @throws Error naming the variable that is wrong. */
export function readEnv(environment: Readonly<Record<string, string | undefined>>): AgentEnv {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`${issue?.path.join(".") ?? "environment"}: ${issue?.message ?? "is malformed"}`);
  }
  const value = parsed.data;
  const root = process.getuid?.() === 0;
  const fallback = root ? DEFAULT_STATE_DIR : join(homedir(), ".local", "share", "indium-agent");
  const stateDir = resolve(value.INDIUM_AGENT_STATE_DIR ?? fallback);
  return {
    stateDir,
    runDir: resolve(value.INDIUM_AGENT_RUN_DIR ?? defaultRunDir(stateDir, root)),
    acceleration: value.INDIUM_ACCEL,
    vmLimits: value.INDIUM_VM_LIMITS ?? null,
    allowPrivateImageHosts: list(value.INDIUM_ALLOW_PRIVATE_IMAGE_HOSTS),
    guestDir: value.INDIUM_GUEST_DIR ?? null,
    overlayPort: value.INDIUM_AGENT_OVERLAY_PORT ?? 0,
    overlayEndpoint: value.INDIUM_AGENT_OVERLAY_ENDPOINT ?? null,
    hostname: value.INDIUM_HOSTNAME ?? null,
    logFormat: value.INDIUM_LOG_FORMAT ?? "plain",
    logLevel: value.INDIUM_LOG_LEVEL ?? "info",
    enrolTokens: [...list(value.INDIUM_ENROL_TOKEN), ...list(value.INDIUM_ENROL_TOKENS)],
  };
}

/** Two agents on one machine (the installed one and a `npm start`, or tests) must not share sockets. */
function defaultRunDir(stateDir: string, root: boolean): string {
  if (!root) return join(stateDir, "run");
  if (stateDir === DEFAULT_STATE_DIR) return DEFAULT_RUN_DIR;
  return `${DEFAULT_RUN_DIR}-${createHash("sha256").update(stateDir).digest("hex").slice(0, 8)}`;
}

function list(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
