import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
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
  /** Goes on after a line that fails: for lines that may have nothing to do. */
  ipBatchForced(lines: readonly string[]): Promise<void>;
  /** The same in the host's namespace, and then how the named links are, all in one program. */
  ipBatchShowing(lines: readonly string[], names: readonly string[]): Promise<Map<string, Link>>;
  /** Loads a ruleset: one transaction, all of it or nothing. */
  nft(ruleset: string): Promise<void>;
  nftQuery(...args: string[]): Promise<RunResult>;
  /** iproute2's `bridge`. @throws AppError `internal` */
  bridge(...args: string[]): Promise<void>;
  /** Writes one value to keys under /proc/sys/net, like `ipv6/conf/it0a3f/disable_ipv6`. False when one cannot be written. */
  sysctl(keys: readonly string[], value: string): Promise<boolean>;
  /** A file under /proc, like `sys/net/ipv4/ip_forward`, trimmed; null when there is none. */
  readProc(path: string): Promise<string | null>;
  /** Those of the named links that exist; none when the namespace does not. One program for all. */
  links(names: readonly string[], namespace?: string): Promise<Map<string, Link>>;
  link(name: string): Promise<Link | null>;
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
  /** A bridge that keeps VLANs apart by itself. */
  readonly filtersVlans: boolean;
}

const LinkJson = z.array(
  z.looseObject({
    ifindex: z.number().optional(),
    ifname: z.string().optional(),
    link_index: z.number().optional(),
    master: z.string().optional(),
    mtu: z.number().optional(),
    flags: z.array(z.string()).optional(),
    ifalias: z.string().optional(),
    linkinfo: z
      .looseObject({
        info_kind: z.string().optional(),
        info_data: z.looseObject({ vlan_filtering: z.number().optional() }).optional(),
      })
      .optional(),
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

  const showLines = (names: readonly string[]): string[] => names.map((name) => `link show dev ${name}`);

  async function links(names: readonly string[], namespace?: string): Promise<Map<string, Link>> {
    // -force: go on after a name that is not there.
    const options = { input: `${showLines(names).join("\n")}\n`, allowFailure: true };
    const { stdout } = await run("ip", ipArgs(namespace, ["-force", "-d", "-j", "-batch", "-"]), options);
    return parseLinks(stdout);
  }

  function parseLinks(stdout: string): Map<string, Link> {
    const found = new Map<string, Link>();
    for (const line of stdout.split("\n").filter((text) => text.startsWith("["))) {
      for (const entry of LinkJson.parse(JSON.parse(line))) {
        if (entry.ifindex === undefined || entry.ifname === undefined) continue;
        found.set(entry.ifname, {
          index: entry.ifindex,
          peerIndex: entry.link_index ?? null,
          master: entry.master ?? null,
          mtu: entry.mtu ?? 0,
          up: entry.flags?.includes("UP") ?? false,
          alias: entry.ifalias ?? null,
          kind: entry.linkinfo?.info_kind ?? null,
          filtersVlans: entry.linkinfo?.info_data?.vlan_filtering === 1,
        });
      }
    }
    return found;
  }

  return {
    within,
    ip: async (...args) => (await run("ip", ipArgs(undefined, args))).stdout,
    ipMaybe: (...args) => run("ip", ipArgs(undefined, args), { allowFailure: true }),
    netns: (...args) => run("ip", ["netns", ...args], { allowFailure: true }),
    async ipBatch(lines, namespace) {
      if (lines.length === 0) return;
      await run("ip", ipArgs(namespace, ["-batch", "-"]), { input: `${lines.join("\n")}\n` });
    },
    async ipBatchForced(lines) {
      if (lines.length === 0) return;
      await run("ip", ipArgs(undefined, ["-force", "-batch", "-"]), { input: `${lines.join("\n")}\n`, allowFailure: true });
    },
    async ipBatchShowing(lines, names) {
      const input = `${[...lines, ...showLines(names)].join("\n")}\n`;
      return parseLinks((await run("ip", ipArgs(undefined, ["-d", "-j", "-batch", "-"]), { input })).stdout);
    },
    async nft(ruleset) {
      await exec("nft", ["-f", "-"], { input: ruleset });
    },
    nftQuery: (...args) => exec("nft", args, { allowFailure: true }),
    async bridge(...args) {
      await exec("bridge", args);
    },
    async sysctl(keys, value) {
      if (keys.length === 0) return true;
      const paths = keys.map((key) => `/proc/sys/net/${key}`);
      if (hostNetns === undefined) {
        const written = await Promise.allSettled(paths.map((path) => writeFile(path, value, { flag: "w" })));
        return written.every(({ status }) => status === "fulfilled");
      }
      // /proc/sys/net follows the namespace of the process that opens it, hence a process and not a write of our own.
      return (await exec("tee", paths, { input: value, allowFailure: true })).code === 0;
    },
    async readProc(path) {
      if (hostNetns === undefined) {
        const text = await readFile(`/proc/${path}`, "utf8").catch(() => null);
        return text === null ? null : text.trim();
      }
      const result = await exec("cat", [`/proc/${path}`], { allowFailure: true });
      return result.code === 0 ? result.stdout.trim() : null;
    },
    links,
    link: async (name) => (await links([name])).get(name) ?? null,
  };
}

/** What is loaded is compared by this mark, so that a second run replaces nothing and the counters keep counting. */
export function revisionOf(ruleset: string, ...dependsOn: readonly (string | number)[]): string {
  return `rev_${createHash("sha256")
    .update([ruleset, ...dependsOn].join("\n"))
    .digest("hex")
    .slice(0, 16)}`;
}
