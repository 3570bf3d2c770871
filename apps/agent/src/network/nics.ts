import { readdir } from "node:fs/promises";
import { AppError } from "@indium/contract/errors";
import { type InstanceId, NicId } from "@indium/contract/ids";
import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import type { MetadataService } from "../metadata/types";
import { BridgeFilter } from "./bridge-filter";
import { type HostShell, type Link, namespaceInode, namespacePath, revisionOf } from "./host-shell";
import type { LeaseNews } from "./lease-snoop";
import type { NameLedger } from "./name-ledger";
import { aliasOf, type NicNames, namespacePrefix, nicNames, tablePrefix } from "./names";
import { type Counted, readCounters } from "./nft-counters";
import { deleteNamespace, makeNamespace } from "./nic-namespace";
import { renderNicRules } from "./nic-rules";
import { NicServices } from "./nic-services";
import type { NicPolicy } from "./security-rules";

/** What a NIC's rules depend on beyond its own wish. */
export interface NicState {
  /** What the LAN's DHCP server gave a NIC of the mode `learned`. */
  readonly learnedIpv4: string | null;
  /** How many hops packets with a session token may go; null: as many as others. */
  readonly tokenHopLimit: number | null;
  /** What its security groups let pass; null: it is not filtered. */
  readonly policy: NicPolicy | null;
}

export interface NicRealizer {
  /** `bridge`: its name, once the network stands; all that does not need it is made meanwhile. */
  ensure(nic: DesiredNic, network: DesiredNetwork, bridge: Promise<string>, instanceId: InstanceId, state: NicState): Promise<NicNames>;
  /** The groups' rules alone, of a NIC that is there. */
  ensurePolicy(nic: DesiredNic, policy: NicPolicy | null): Promise<void>;
  delete(id: NicId): Promise<void>;
  list(): Promise<readonly NicId[]>;
  counters(id: NicId): Promise<Record<string, { packets: number; bytes: number }>>;
  close(): Promise<void>;
}

/** What is there of one NIC; listings are empty where a table is missing. */
interface Found {
  readonly tap: Link | null;
  readonly veth: Link | null;
  readonly namespace: boolean;
  /** The namespace's end of the pair. */
  readonly inner: Link | null;
  readonly rules: string;
}

/** As `Promise.all`, but what was begun has ended when it rejects: nothing goes on making what is then taken away. */
async function allEnded(work: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(work);
  await Promise.all(work);
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
  onLeaseNews: (id: NicId, news: LeaseNews) => void;
}): NicRealizer {
  const { shell, ledger, owner, metadata, vmUid } = options;
  const services = new NicServices(shell, metadata, options.onLeaseNews);
  const filter = new BridgeFilter(shell, owner);

  async function namesOf(id: NicId): Promise<NicNames> {
    return (await look(id)).names;
  }

  /** With the host's interfaces, where they were looked at to give the name. */
  async function look(id: NicId): Promise<{ names: NicNames; seen: Map<string, Link> | null }> {
    await ledger.load();
    let seen: Map<string, Link> | null = null;
    const short = await ledger.claim("nics", id, async (candidate) => {
      const { tap, veth } = nicNames(owner, id, candidate);
      seen = await shell.links([tap, veth]);
      return [...seen.values()].every((link) => link.alias === aliasOf(owner, id));
    });
    return { names: nicNames(owner, id, short), seen };
  }

  /** All that a convergence compares, in three programs side by side: a host sweeps thousands of NICs. */
  async function inspect(names: NicNames): Promise<Found> {
    // Without the namespace the pair is made anew, and the rules that hold its index with it.
    const isNew = (await namespaceInode(names.namespace)) === null;
    const [host, inner, rules] = await Promise.all([
      shell.links([names.tap, names.veth]),
      isNew ? new Map<string, Link>() : shell.links(["lo", "eth0"], names.namespace),
      isNew ? "" : shell.nftQuery("list", "table", "netdev", names.table).then(({ stdout }) => stdout),
    ]);
    return {
      tap: host.get(names.tap) ?? null,
      veth: host.get(names.veth) ?? null,
      namespace: inner.has("lo"),
      inner: inner.get("eth0") ?? null,
      rules,
    };
  }

  /** @returns what is there afterwards. */
  async function ensureLinks(id: NicId, names: NicNames, mtu: number, found: Found): Promise<Found> {
    const { tap, veth, inner } = found;
    // Not so when the namespace lost its name while sockets keep it alive: then the pair leads into that one.
    const paired = veth !== null && inner !== null && veth.peerIndex === inner.index && inner.peerIndex === veth.index;
    if (!paired) {
      // In this order: closing the last socket may end a nameless namespace, and its pair with it, at any moment.
      if (veth !== null) await shell.ipMaybe("link", "del", names.veth);
      await services.release(id);
    }
    if (!found.namespace) await makeNamespace(shell, names.namespace);
    const alias = aliasOf(owner, id);
    const changes = [
      ...(tap === null ? [`tuntap add dev ${names.tap} mode tap user ${vmUid}`, `link set ${names.tap} alias "${alias}"`] : []),
      ...(paired
        ? []
        : [`link add ${names.veth} type veth peer name eth0 netns ${names.namespace}`, `link set ${names.veth} alias "${alias}"`]),
      ...(tap?.mtu === mtu ? [] : [`link set ${names.tap} mtu ${mtu}`]),
      ...(paired && veth.mtu === mtu ? [] : [`link set ${names.veth} mtu ${mtu}`]),
    ];
    if (changes.length === 0) return found;
    const made = await shell.ipBatchShowing(changes, [names.tap, names.veth]);
    // The host speaks on neither; without this it would send its own router and listener messages to guests.
    if (tap?.up !== true || !paired) {
      await shell.sysctl([`ipv6/conf/${names.tap}/disable_ipv6`, `ipv6/conf/${names.veth}/disable_ipv6`], "1");
    }
    const madeVeth = made.get(names.veth) ?? null;
    return {
      ...found,
      tap: made.get(names.tap) ?? null,
      veth: madeVeth,
      namespace: true,
      // The other end as it is made: down, and known by what its peer says of it.
      inner:
        paired || madeVeth?.peerIndex == null ? inner : { ...madeVeth, index: madeVeth.peerIndex, peerIndex: madeVeth.index, up: false },
    };
  }

  async function ensureRules(nic: DesiredNic, names: NicNames, state: NicState, found: Found): Promise<void> {
    if (found.tap === null || found.veth === null) {
      throw new AppError("network_failed", `The interfaces of the NIC ${nic.id} vanished while they were made. Try again.`);
    }
    // `fwd to` holds the interface's index, not its name: an interface made anew needs its rules loaded anew.
    const revision = revisionOf(renderNicRules(nic, names, "", state), found.tap.index, found.veth.index);
    const hooked = [names.tap, names.veth].every((name) => new RegExp(`hook ingress devices? [^;]*\\b${name}\\b`).test(found.rules));
    if (hooked && found.rules.includes(`chain ${revision} `)) return;
    await shell.nft(renderNicRules(nic, names, revision, state));
  }

  /** Last of all: from here on the guest is on its network. */
  async function join(names: NicNames, found: Found, network: DesiredNetwork, bridge: string): Promise<void> {
    const changes = [
      ...(found.veth?.up === true ? [] : [`link set ${names.veth} up`]),
      ...(found.tap?.up === true ? [] : [`link set ${names.tap} up`]),
      ...(found.tap?.master === bridge ? [] : [`link set ${names.tap} master ${bridge}`]),
    ];
    try {
      await shell.ipBatch(changes);
    } catch (error) {
      if ((await shell.link(bridge))?.kind === "bridge") throw error;
      throw new AppError(
        "network_failed",
        `The bridge ${bridge} of the network ${network.name} is missing on this host. Set the network up first.`,
        { cause: error },
      );
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

  /**
   * A NIC that this host has never had. The namespace and the program that binds in it take longest, and need no interface to begin: the
   * rest is made meanwhile.
   */
  async function create(nic: DesiredNic, mtu: number, instanceId: InstanceId, state: NicState): Promise<{ names: NicNames; found: Found }> {
    const namespace = `${namespacePrefix(owner)}${nic.id}`;
    const made = makeNamespace(shell, namespace);
    const linked = Promise.all([look(nic.id), made]).then(async ([{ names, seen }]) => {
      const links = seen ?? (await shell.links([names.tap, names.veth]));
      const before = { tap: links.get(names.tap) ?? null, veth: links.get(names.veth) ?? null, namespace: true, inner: null, rules: "" };
      return { names, isNew: before.tap === null, found: await ensureLinks(nic.id, names, mtu, before) };
    });
    const inner = linked.then(({ found }) => found.inner);
    // Nobody may come to wait for it.
    inner.catch(() => {});
    await allEnded([
      linked.then(({ names, found }) => ensureRules(nic, names, state, found)),
      linked.then(({ names, isNew }) => filter.ensure(nic, names, state.policy, isNew)),
      made.then(() => services.ensure(nic, namespace, mtu, instanceId, inner)),
    ]);
    const { names, found } = await linked;
    return { names, found };
  }

  async function converge(
    nic: DesiredNic,
    mtu: number,
    instanceId: InstanceId,
    state: NicState,
  ): Promise<{ names: NicNames; found: Found }> {
    const names = await namesOf(nic.id);
    const found = await ensureLinks(nic.id, names, mtu, await inspect(names));
    await Promise.all([
      ensureRules(nic, names, state, found),
      filter.ensure(nic, names, state.policy),
      services.ensure(nic, names.namespace, mtu, instanceId, Promise.resolve(found.inner)),
    ]);
    return { names, found };
  }

  return {
    async ensure(nic, network, bridge, instanceId, state) {
      await ledger.load();
      const make = ledger.get("nics", nic.id) === null ? create : converge;
      const { names, found } = await make(nic, network.mtu, instanceId, state);
      await join(names, found, network, await bridge);
      return names;
    },

    async ensurePolicy(nic, policy) {
      await filter.ensure(nic, await namesOf(nic.id), policy);
    },

    async delete(id) {
      const names = await namesOf(id);
      // The tap goes first, with its rules still on; then the pair, the sockets and the namespace, because a namespace whose name
      // is removed while a socket lives in it stays, and keeps the pair.
      await shell.ipMaybe("link", "del", names.tap);
      await shell.ipMaybe("link", "del", names.veth);
      await services.release(id);
      await deleteNamespace(shell, names.namespace);
      await shell.nft(`table netdev ${names.table}\ndelete table netdev ${names.table}\n`);
      await filter.remove(names, async () => !(await netdevTables()).some((table) => table.startsWith(tablePrefix(owner))));
      await ledger.release("nics", id);
    },

    list: ownNics,

    async counters(id) {
      const names = await namesOf(id);
      const [own, onBridges] = await Promise.all([readCounters(shell, "netdev", names.table), filter.counters(names)]);
      if (own === null) throw new AppError("not_found", `The NIC ${id} does not exist on this host.`);
      const counted: Record<string, Counted> = { ...own, ...onBridges };
      for (const [name, packets] of Object.entries(metadata.refusals(id))) {
        counted[name] = { packets: (counted[name]?.packets ?? 0) + packets, bytes: counted[name]?.bytes ?? 0 };
      }
      return counted;
    },

    close: () => services.close(),
  };
}
