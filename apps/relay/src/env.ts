import { homedir } from "node:os";
import { join } from "node:path";
import { UdpEndpoint } from "@indium/contract/overlay";
import { PublicOrigin, RelayName } from "@indium/contract/relays";
import { z } from "zod";
import { isAddressOrNetwork } from "./remote-address";

const Port = z.coerce.number().int().min(0).max(65_535);

const Environment = z.object({
  INDIUM_STATE_DIR: z.string().min(1).optional(),
  INDIUM_KEYS_DIR: z.string().min(1).optional(),
  /** One address, or several of which each answers for the centre, separated by commas. */
  INDIUM_INTERNAL_URL: z
    .string()
    .default("http://127.0.0.1:7782")
    .transform((text) => text.split(",").map((each) => each.trim().replace(/\/+$/, "")))
    .pipe(z.array(z.url({ protocol: /^https?$/ })).max(20)),
  INDIUM_RELAY_NAME: RelayName.default("local"),
  INDIUM_RELAY_BIND: z.string().min(1).default("127.0.0.1"),
  INDIUM_RELAY_PORT: Port.default(7783),
  INDIUM_RELAY_RPC_BIND: z.string().min(1).default("127.0.0.1"),
  INDIUM_RELAY_RPC_PORT: Port.default(7784),
  /** Where web reaches the RPC listener, when it is not on this machine. */
  INDIUM_RELAY_RPC_URL: z.url().optional(),
  INDIUM_PUBLIC_URL: z.url().optional(),
  /** Whose X-Forwarded-For, and X-Indium-Join, is believed besides this machine's own: addresses and networks, separated by commas. */
  INDIUM_TRUSTED_PROXIES: z
    .string()
    .default("")
    .transform((text) => text.split(",").flatMap((each) => each.trim() || []))
    .pipe(z.array(z.string().refine(isAddressOrNetwork, { error: "give addresses or networks, like 10.0.0.2 or 10.0.0.0/24" }))),
  /** Where hosts and browsers reach this relay, when that is not INDIUM_PUBLIC_URL. */
  INDIUM_RELAY_PUBLIC_URL: z.url().optional(),
  /** Links beyond it are sent to other relays; the centre takes no more in one renewal of leases. */
  INDIUM_RELAY_MAX_LINKS: z.coerce.number().int().min(1).max(20_000).default(20_000),
  /** How long consoles may go on after SIGTERM, in s; 0 ends at once. */
  INDIUM_RELAY_DRAIN_SECONDS: z.coerce.number().min(0).max(3_600).default(60),
  /** `off`: no WireGuard, links go over websocket alone. */
  INDIUM_OVERLAY: z.enum(["auto", "off"]).default("auto"),
  /** UDP. */
  INDIUM_OVERLAY_PORT: Port.default(7785),
  /** Where hosts reach that port; the host of INDIUM_PUBLIC_URL and INDIUM_OVERLAY_PORT unless given. */
  INDIUM_OVERLAY_ENDPOINT: UdpEndpoint.optional(),
});

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export interface OverlayEnv {
  /** Why there is none; null when there is to be one. */
  readonly off: string | null;
  readonly port: number;
  readonly endpoint: string | null;
  readonly peersFile: string;
}

export interface RelayEnv {
  readonly name: string;
  readonly keysDirectory: string;
  readonly internalUrls: readonly string[];
  readonly bind: string;
  readonly port: number;
  readonly rpcBind: string;
  readonly rpcPort: number;
  readonly rpcUrl: string | null;
  readonly trustedProxies: readonly string[];
  /** Null: hosts know no address but web's. */
  readonly publicUrl: string | null;
  readonly maxLinks: number;
  readonly drainMs: number;
  readonly overlay: OverlayEnv;
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
    internalUrls: value.INDIUM_INTERNAL_URL,
    bind: value.INDIUM_RELAY_BIND,
    port: value.INDIUM_RELAY_PORT,
    rpcBind: value.INDIUM_RELAY_RPC_BIND,
    rpcPort: value.INDIUM_RELAY_RPC_PORT,
    rpcUrl: value.INDIUM_RELAY_RPC_URL ?? null,
    trustedProxies: value.INDIUM_TRUSTED_PROXIES,
    publicUrl: originOf(value.INDIUM_RELAY_PUBLIC_URL ?? value.INDIUM_PUBLIC_URL),
    maxLinks: value.INDIUM_RELAY_MAX_LINKS,
    drainMs: value.INDIUM_RELAY_DRAIN_SECONDS * 1_000,
    overlay: overlayOf(value, join(stateDirectory, "relay", `${value.INDIUM_RELAY_NAME}-overlay.json`)),
  };
}

function originOf(url: string | undefined): string | null {
  if (url === undefined) return null;
  const origin = PublicOrigin.safeParse(url.replace(/\/+$/, ""));
  if (!origin.success)
    throw new Error(`INDIUM_RELAY_PUBLIC_URL or INDIUM_PUBLIC_URL: ${origin.error.issues[0]?.message ?? "is malformed"}`);
  return origin.data;
}

function overlayOf(value: z.output<typeof Environment>, peersFile: string): OverlayEnv {
  const port = value.INDIUM_OVERLAY_PORT;
  const host = value.INDIUM_PUBLIC_URL === undefined ? null : new URL(value.INDIUM_PUBLIC_URL).hostname;
  const loopback = host === null || LOOPBACK.test(host);
  const endpoint = value.INDIUM_OVERLAY_ENDPOINT ?? (loopback ? null : `${host}:${port}`);
  const off =
    value.INDIUM_OVERLAY === "off"
      ? "The relay's overlay is switched off (INDIUM_OVERLAY)."
      : endpoint === null
        ? "The relay's public address is this machine's own, so no other host could reach it by UDP (INDIUM_PUBLIC_URL, INDIUM_OVERLAY_ENDPOINT)."
        : null;
  return { off, port, endpoint, peersFile };
}
