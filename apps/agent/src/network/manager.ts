import { availableParallelism } from "node:os";
import { AppError, toAppError } from "@indium/contract/errors";
import type { InstanceId, NicId } from "@indium/contract/ids";
import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import type { DesiredSecurityGroup } from "@indium/contract/security-group";
import { Semaphore } from "@indium/tunnel/semaphore";
import type { LinkWitness } from "../link/link-witness";
import type { MetadataService } from "../metadata/types";
import { KeyedMutex } from "../system/mutex";
import { createHostShell } from "./host-shell";
import { createLanBridges } from "./lan-bridge/lan-bridges";
import { LearnedAddresses } from "./learned-addresses";
import type { LeaseNews } from "./lease-snoop";
import type { NetworkLog } from "./log";
import { NameLedger } from "./name-ledger";
import { ownerTag } from "./names";
import { createNetworkRealizer } from "./networks";
import { createNicRealizer } from "./nics";
import type { NicPolicy } from "./security-rules";
import { answersSsh, answersSshWithin } from "./ssh-probe";
import type { NetworkManager } from "./types";

const SSH_PORT = 22;

export interface NetworkManagerOptions {
  /** The agent's state folder; names are kept in `network/names.json` below it. */
  readonly stateDir: string;
  readonly metadata: MetadataService;
  /** Who may open the taps: the user that VMs run as. */
  readonly vmUid: number;
  /** The named network namespace that stands for the host; the agent's own when absent. */
  readonly hostNetns?: string;
  /** How a change to an uplink proves that the centre still reaches this host; by its gateways alone when absent. */
  readonly link?: LinkWitness;
  /** How long such a proof may take, in ms. */
  readonly lanBridgeLimitMs?: number;
  readonly log: NetworkLog;
}

interface EnsuredNic {
  readonly nic: DesiredNic;
  readonly network: DesiredNetwork;
  readonly instanceId: InstanceId;
  readonly tokenHopLimit: number | null;
  readonly groups: readonly DesiredSecurityGroup[] | null;
}

/**
 * Needs root, and one mount namespace with the host for /run/netns. Work on one NIC or network is done one at a time;
 * different ones run side by side.
 */
export function createNetworkManager(options: NetworkManagerOptions): NetworkManager {
  const owner = ownerTag(options.stateDir);
  const shell = createHostShell(options.hostNetns);
  const ledger = new NameLedger(options.stateDir, owner);
  const lanBridges = createLanBridges({
    stateDir: options.stateDir,
    shell,
    owner,
    link: options.link ?? null,
    log: options.log,
    ...(options.lanBridgeLimitMs === undefined ? {} : { limitMs: options.lanBridgeLimitMs }),
  });
  const networks = createNetworkRealizer({ shell, ledger, owner, log: options.log, lanBridges });
  const learned = new LearnedAddresses(options.stateDir);
  const nics = createNicRealizer({
    shell,
    ledger,
    owner,
    metadata: options.metadata,
    vmUid: options.vmUid,
    onLeaseNews: (id, news) => void learn(id, news),
  });
  const lock = new KeyedMutex();
  // A NIC takes a dozen short programs: a host that starts under hundreds of VMs must not run all of them at once.
  const turns = new Semaphore(Math.max(4, 2 * availableParallelism()));
  /** What each NIC was last made to be, its rules included. */
  const last = new Map<NicId, { readonly wish: EnsuredNic; readonly learnedIpv4: string | null }>();
  const listeners = new Set<(instanceId: InstanceId) => void>();

  /** `ready`: when the network stands. */
  async function ensureNic(wish: EnsuredNic, ready: Promise<void> = Promise.resolve()): Promise<string> {
    await Promise.all([ledger.load(), learned.load()]);
    const { nic, network, instanceId, tokenHopLimit, groups } = wish;
    const bridge = ready.then(() => networks.bridgeOf(network));
    // Awaited last; until then its failure is no stray one.
    bridge.catch(() => {});
    const learnedIpv4 = nic.addressMode === "learned" ? learned.get(nic.id) : null;
    const { tap } = await turns.run(async () => {
      const policy = await policyOf(network, groups);
      return nics.ensure(nic, network, bridge, instanceId, { learnedIpv4, tokenHopLimit, policy });
    });
    last.set(nic.id, { wish, learnedIpv4 });
    return tap;
  }

  /** The rules first, then the news: an address that is shown is one that works. */
  async function learn(id: NicId, news: LeaseNews): Promise<void> {
    try {
      await lock.run(id, async () => {
        const wish = last.get(id)?.wish;
        const isNews = await learned.set(id, news.kind === "leased" ? news.address : null);
        if (!isNews || wish === undefined) return;
        await ensureNic(wish);
        for (const listener of listeners) listener(wish.instanceId);
      });
    } catch (error) {
      options.log("error", `What ${id} learned from its LAN's DHCP server could not be taken up: ${toAppError(error, "unknown").message}`);
    }
  }

  /** A failing `ip` or `nft` is a failure of the network, with the program's own words. */
  const named = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      const known = toAppError(error, `${what} failed on this host.`);
      if (known.code !== "internal") throw known;
      throw new AppError("network_failed", `${what} failed on this host: ${known.message}`, {
        ...(known.detail === undefined ? {} : { detail: known.detail }),
        ...(known.internal === undefined ? {} : { internal: known.internal }),
        cause: error,
      });
    }
  };

  const policyOf = async (network: DesiredNetwork, groups: readonly DesiredSecurityGroup[] | null): Promise<NicPolicy | null> =>
    groups === null ? null : { groups, hostAddresses: await networks.hostAddresses(network) };

  return {
    ensureNetwork: (network) => lock.run(network.id, () => named(`Setting up the network ${network.name}`, () => networks.ensure(network))),
    deleteNetwork: (id) => lock.run(id, () => named(`Removing the network ${id}`, () => networks.delete(id))),
    ensureNic: (nic, network, instanceId, { tokenHopLimit = null, groups = null, ready } = {}) =>
      lock.run(nic.id, () =>
        named(`Setting up the NIC ${nic.id}`, async () => {
          const first = !last.has(nic.id);
          const tap = await ensureNic({ nic, network, instanceId, tokenHopLimit, groups }, ready);
          // An agent that has just started tells what an earlier one learned.
          if (first && nic.addressMode === "learned" && learned.get(nic.id) !== null)
            for (const listener of listeners) listener(instanceId);
          return { nicId: nic.id, interfaceName: tap, macAddress: nic.macAddress };
        }),
      ),
    ensureSecurity: (nic, network, groups) =>
      lock.run(nic.id, () =>
        named(`Changing the security groups of the NIC ${nic.id}`, async () => {
          await ledger.load();
          await nics.ensurePolicy(nic, await policyOf(network, groups));
          const made = last.get(nic.id);
          if (made !== undefined) last.set(nic.id, { ...made, wish: { ...made.wish, groups } });
        }),
      ),
    deleteNic: (id) =>
      lock.run(id, () =>
        named(`Removing the NIC ${id}`, async () => {
          await turns.run(() => nics.delete(id));
          last.delete(id);
          await learned.set(id, null);
        }),
      ),
    learnedAddress: (id) => last.get(id)?.learnedIpv4 ?? null,
    onAddressLearned(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listNics: () => named("Listing NICs", () => nics.list()),
    counters: (id) => lock.run(id, () => named(`Reading the counters of the NIC ${id}`, () => nics.counters(id))),
    async probeSsh(nic, network, timeoutMs) {
      if (network.kind === "isolated") return false;
      const address = nic.ipv4?.address ?? nic.ipv6?.address ?? last.get(nic.id)?.learnedIpv4 ?? null;
      if (address === null) return false;
      return options.hostNetns === undefined
        ? answersSsh(address, SSH_PORT, timeoutMs)
        : answersSshWithin(shell, address, SSH_PORT, timeoutMs);
    },
    close: () => nics.close(),
  };
}
