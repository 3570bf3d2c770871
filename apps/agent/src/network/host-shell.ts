import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { z } from "zod";
import { type RunResult, run } from "../system/exec";

/**
 * `ip`, `nft` and sysctl in the host's network namespace: the agent's own, or a named one (tests stand a whole host in one).
 */
export interface HostShell {
  /** `ip` with `-n <host>` where needed. @throws AppError `internal` */
  ip(...args: string[]): Promise<string>;
  ipMaybe(...args: string[]): Promise<RunResult>;
  /** `ip netns …`, never with `-n`: that works in a mount namespace of its own, where a name made is lost at its end. */
  netns(...args: string[]): Promise<RunResult>;
  /** Runs the lines as one `ip -batch`, which stops at the first that fails. No lines: does nothing. */
  ipBatch(lines: readonly string[], namespace?: string): Promise<void>;
  /** Loads a ruleset: one transaction, all of it or nothing. */
  nft(ruleset: string): Promise<void>;
  nftQuery(...args: string[]): Promise<RunResult>;
  /** Writes one value to keys under /proc/sys/net, like `ipv6/conf/it0a3f/disable_ipv6`. False when one cannot be written. */
  sysctl(keys: readonly string[], value: string): Promise<boolean>;
  /** A file under /proc, like `sys/net/ipv4/ip_forward`, trimmed; null when there is none. */
  readProc(path: string): Promise<string | null>;
  /** The link's data, or null when there is none of that name. */
  link(name: string, namespace?: string): Promise<Link | null>;
  /** Runs a program in the host's namespace: file and arguments to spawn. */
  within(file: string, args: readonly string[]): { file: string; args: string[] };
}

export interface Link {
  readonly index: number;
  /** The peer's index, for a veth. */
  readonly peerIndex: number | null;
  readonly master: string | null;
  readonly mtu: number;
  readonly up: boolean;
  readonly alias: string | null;
  /** `bridge`, `veth`, `tun`…; null for hardware. */
  readonly kind: string | null;
}

const LinkJson = z.array(
  z.looseObject({
    ifindex: z.number().optional(),
    link_index: z.number().optional(),
    master: z.string().optional(),
    mtu: z.number().optional(),
    flags: z.array(z.string()).optional(),
    ifalias: z.string().optional(),
    linkinfo: z.looseObject({ info_kind: z.string().optional() }).optional(),
  }),
);

export const namespacePath = (name: string): string => `/run/netns/${name}`;

/** The namespace's identity (its nsfs inode), or null when none of that name exists. */
export async function namespaceInode(name: string): Promise<number | null> {
  try {
    return (await stat(namespacePath(name))).ino;
  } catch {
    return null;
  }
}

export function createHostShell(hostNetns: string | undefined): HostShell {
  const within = (file: string, args: readonly string[]): { file: string; args: string[] } =>
    hostNetns === undefined ? { file, args: [...args] } : { file: "nsenter", args: [`--net=${namespacePath(hostNetns)}`, file, ...args] };
  const ipArgs = (namespace: string | undefined, args: readonly string[]): string[] => {
    const target = namespace ?? hostNetns;
    return target === undefined ? [...args] : ["-n", target, ...args];
  };
  const exec = (file: string, args: readonly string[], options: { input?: string; allowFailure?: boolean } = {}): Promise<RunResult> => {
    const command = within(file, args);
    return run(command.file, command.args, options);
  };

  return {
    within,
    ip: async (...args) => (await run("ip", ipArgs(undefined, args))).stdout,
    ipMaybe: (...args) => run("ip", ipArgs(undefined, args), { allowFailure: true }),
    netns: (...args) => run("ip", ["netns", ...args], { allowFailure: true }),
    async ipBatch(lines, namespace) {
      if (lines.length === 0) return;
      await run("ip", ipArgs(namespace, ["-batch", "-"]), { input: `${lines.join("\n")}\n` });
    },
    async nft(ruleset) {
      await exec("nft", ["-f", "-"], { input: ruleset });
    },
    nftQuery: (...args) => exec("nft", args, { allowFailure: true }),
    async sysctl(keys, value) {
      if (keys.length === 0) return true;
      // /proc/sys/net follows the namespace of the process that opens it, hence a process and not a write of our own.
      const paths = keys.map((key) => `/proc/sys/net/${key}`);
      return (await exec("tee", paths, { input: value, allowFailure: true })).code === 0;
    },
    async readProc(path) {
      const result = await exec("cat", [`/proc/${path}`], { allowFailure: true });
      return result.code === 0 ? result.stdout.trim() : null;
    },
    async link(name, namespace) {
      const result = await run("ip", ipArgs(namespace, ["-d", "-j", "link", "show", "dev", name]), { allowFailure: true });
      if (result.code !== 0) return null;
      const parsed = LinkJson.safeParse(JSON.parse(result.stdout === "" ? "[]" : result.stdout));
      const found = parsed.success ? parsed.data.find((entry) => entry.ifindex !== undefined) : undefined;
      if (found?.ifindex === undefined) return null;
      return {
        index: found.ifindex,
        peerIndex: found.link_index ?? null,
        master: found.master ?? null,
        mtu: found.mtu ?? 0,
        up: found.flags?.includes("UP") ?? false,
        alias: found.ifalias ?? null,
        kind: found.linkinfo?.info_kind ?? null,
      };
    },
  };
}

/** What is loaded is compared by this mark, so that a second run replaces nothing and the counters keep counting. */
export function revisionOf(ruleset: string, ...dependsOn: readonly (string | number)[]): string {
  return `rev_${createHash("sha256")
    .update([ruleset, ...dependsOn].join("\n"))
    .digest("hex")
    .slice(0, 16)}`;
}
