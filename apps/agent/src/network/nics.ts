import { readdir } from "node:fs/promises";
import { AppError } from "@indium/contract/errors";
import { type InstanceId, NicId } from "@indium/contract/ids";
import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import { z } from "zod";
import type { MetadataService } from "../metadata/types";
import { type HostShell, namespaceInode, namespacePath, revisionOf } from "./host-shell";
import { KeyedLock } from "./keyed-lock";
import type { NameLedger } from "./name-ledger";
import { aliasOf, type NicNames, namespacePrefix, nicNames, tablePrefix } from "./names";
import { bindNicSockets, configureNamespace, deleteNamespace, ensureNamespace, vethLeadsInto } from "./nic-namespace";
import { IMPERSONATION_TABLE, renderImpersonationRules, renderNicRules } from "./nic-rules";

/** What the sockets now attached were bound for; anything else means binding anew. */
interface Binding {
  readonly instanceId: InstanceId;
  readonly namespaceInode: number | null;
  readonly dhcp: boolean;
}

const CountersJson = z.object({
  nftables: z.array(z.looseObject({ counter: z.looseObject({ name: z.string(), packets: z.number(), bytes: z.number() }).optional() })),
});

const BIND_ATTEMPTS = 5;
const BIND_RETRY_MS = 200;

export interface NicRealizer {
  ensure(nic: DesiredNic, network: DesiredNetwork, bridge: string, instanceId: InstanceId): Promise<NicNames>;
  delete(id: NicId): Promise<void>;
  list(): Promise<readonly NicId[]>;
  counters(id: NicId): Promise<Record<string, { packets: number; bytes: number }>>;
  close(): Promise<void>;
}

/**
 * One NIC in the kernel, made in an order that leaves no unfiltered window: tap and namespace, then rules and sockets, and the
 * tap joins its bridge last. Running it again finds everything in place and cuts nothing.
 */
export function createNicRealizer(options: {
  shell: HostShell;
  ledger: NameLedger;
  owner: string;
  metadata: MetadataService;
  vmUid: number;
}): NicRealizer {
  const { shell, ledger, owner, metadata, vmUid } = options;
  const bindings = new Map<NicId, Binding>();
  const shared = new KeyedLock();

  async function namesOf(id: NicId): Promise<NicNames> {
    await ledger.load();
    const short = await ledger.claim("nics", id, async (candidate) => {
      const { tap, veth } = nicNames(owner, id, candidate);
      const links = await Promise.all([shell.link(tap), shell.link(veth)]);
      return links.every((link) => link === null || link.alias === aliasOf(owner, id));
    });
    return nicNames(owner, id, short);
  }

  /** @returns whether the pair was made now. */
  async function ensureLinks(id: NicId, names: NicNames, mtu: number): Promise<boolean> {
    const [madeNamespace, tap, veth] = await Promise.all([
      ensureNamespace(shell, names.namespace),
      shell.link(names.tap),
      shell.link(names.veth),
    ]);
    const keepVeth = veth !== null && !madeNamespace && (await vethLeadsInto(shell, names));
    const alias = aliasOf(owner, id);
    await shell.ipBatch([
      ...(tap === null ? [`tuntap add dev ${names.tap} mode tap user ${vmUid}`, `link set ${names.tap} alias "${alias}"`] : []),
      ...(veth !== null && !keepVeth ? [`link del ${names.veth}`] : []),
      ...(keepVeth
        ? []
        : [`link add ${names.veth} type veth peer name eth0 netns ${names.namespace}`, `link set ${names.veth} alias "${alias}"`]),
      ...(tap?.mtu === mtu ? [] : [`link set ${names.tap} mtu ${mtu}`]),
      ...(keepVeth && veth.mtu === mtu ? [] : [`link set ${names.veth} mtu ${mtu}`]),
    ]);
    // The host speaks on neither; without this it would send its own router and listener messages to guests.
    if (tap === null || !keepVeth) {
      await shell.sysctl([`ipv6/conf/${names.tap}/disable_ipv6`, `ipv6/conf/${names.veth}/disable_ipv6`], "1");
    }
    return !keepVeth;
  }

  async function ensureRules(nic: DesiredNic, names: NicNames): Promise<void> {
    const [tap, veth, loaded] = await Promise.all([
      shell.link(names.tap),
      shell.link(names.veth),
      shell.nftQuery("list", "table", "netdev", names.table),
    ]);
    if (tap === null || veth === null)
      throw new AppError("network_failed", `The interfaces of the NIC ${nic.id} vanished while they were made. Try again.`);
    // `fwd to` holds the interface's index, not its name: an interface made anew needs its rules loaded anew.
    const revision = revisionOf(renderNicRules(nic, names, ""), tap.index, veth.index);
    const hooked = [names.tap, names.veth].every((name) => new RegExp(`hook ingress devices? [^;]*\\b${name}\\b`).test(loaded.stdout));
    if (loaded.code === 0 && hooked && loaded.stdout.includes(`chain ${revision} `)) return;
    await shell.nft(renderNicRules(nic, names, revision));
  }

  const ensureImpersonationRules = (): Promise<void> =>
    shared.run(IMPERSONATION_TABLE, async () => {
      const revision = revisionOf(renderImpersonationRules(""));
      const loaded = await shell.nftQuery("list", "table", "bridge", IMPERSONATION_TABLE);
      if (loaded.code === 0 && loaded.stdout.includes(`chain ${revision} `)) return;
      await shell.nft(renderImpersonationRules(revision));
    });

  async function ensureService(nic: DesiredNic, names: NicNames, mtu: number, instanceId: InstanceId, anew: boolean): Promise<void> {
    await configureNamespace(shell, names, mtu);
    const wanted: Binding = {
      instanceId,
      namespaceInode: await namespaceInode(names.namespace),
      dhcp: nic.addressMode === "assigned" && nic.ipv4 !== null,
    };
    const bound = bindings.get(nic.id);
    const same =
      bound !== undefined &&
      bound.instanceId === wanted.instanceId &&
      bound.namespaceInode === wanted.namespaceInode &&
      bound.dhcp === wanted.dhcp;
    if (same && !anew) return;
    if (bound !== undefined) {
      bindings.delete(nic.id);
      await metadata.detach(nic.id);
    }
    metadata.attach(nic.id, instanceId, await bindWithPatience(names.namespace, wanted.dhcp));
    bindings.set(nic.id, wanted);
  }

  /** An agent that was killed a moment ago may still be giving its sockets back. */
  async function bindWithPatience(namespace: string, dhcp: boolean): ReturnType<typeof bindNicSockets> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await bindNicSockets(namespace, { dhcp });
      } catch (error) {
        if (attempt === BIND_ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, BIND_RETRY_MS));
      }
    }
  }

  async function netdevTables(): Promise<string[]> {
    const listed = await shell.nftQuery("list", "tables", "netdev");
    return listed.stdout.split("\n").flatMap((line) => /^table netdev (\S+)$/.exec(line.trim())?.[1] ?? []);
  }

  async function ownNics(): Promise<NicId[]> {
    await ledger.load();
    const [tables, namespaces] = await Promise.all([netdevTables(), readdir(namespacePath("")).catch((): string[] => [])]);
    const prefixed = (names: readonly string[], prefix: string): string[] =>
      names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
    const ids = [...prefixed(tables, tablePrefix(owner)), ...prefixed(namespaces, namespacePrefix(owner)), ...ledger.ids("nics")];
    return [...new Set(ids)].flatMap((id) => {
      const parsed = NicId.safeParse(id);
      return parsed.success ? [parsed.data] : [];
    });
  }

  return {
    async ensure(nic, network, bridge, instanceId) {
      const names = await namesOf(nic.id);
      const anew = await ensureLinks(nic.id, names, network.mtu);
      await Promise.all([ensureRules(nic, names), ensureImpersonationRules(), ensureService(nic, names, network.mtu, instanceId, anew)]);
      const tap = await shell.link(names.tap);
      await shell.ipBatch([
        `link set ${names.veth} up`,
        ...(tap?.up === true ? [] : [`link set ${names.tap} up`]),
        ...(tap?.master === bridge ? [] : [`link set ${names.tap} master ${bridge}`]),
      ]);
      return names;
    },

    async delete(id) {
      const names = await namesOf(id);
      // The tap goes first, with its rules still on; then the pair, the sockets and the namespace, because a namespace whose name
      // is removed while a socket lives in it stays, and keeps the pair.
      await shell.ipMaybe("link", "del", names.tap);
      await shell.ipMaybe("link", "del", names.veth);
      bindings.delete(id);
      await metadata.detach(id);
      await deleteNamespace(shell, names.namespace);
      await shell.nft(`table netdev ${names.table}\ndelete table netdev ${names.table}\n`);
      await ledger.release("nics", id);
      await shared.run(IMPERSONATION_TABLE, async () => {
        if ((await netdevTables()).some((table) => table.startsWith("indium-"))) return;
        await shell.nft(`table bridge ${IMPERSONATION_TABLE}\ndelete table bridge ${IMPERSONATION_TABLE}\n`);
      });
    },

    list: ownNics,

    async counters(id) {
      const listed = await shell.nftQuery("-j", "list", "counters", "table", "netdev", `${tablePrefix(owner)}${id}`);
      if (listed.code !== 0) throw new AppError("not_found", `The NIC ${id} does not exist on this host.`);
      const parsed = CountersJson.parse(JSON.parse(listed.stdout));
      return Object.fromEntries(
        parsed.nftables.flatMap(({ counter }) =>
          counter === undefined ? [] : [[counter.name, { packets: counter.packets, bytes: counter.bytes }] as const],
        ),
      );
    },

    async close() {
      const attached = [...bindings.keys()];
      bindings.clear();
      await Promise.all(attached.map((id) => metadata.detach(id)));
    },
  };
}
