import { AppError, toAppError } from "@indium/contract/errors";
import type { NetworkId } from "@indium/contract/ids";
import type { DesiredNetwork } from "@indium/contract/network";
import { LAN_BRIDGE_LIMIT_SECONDS } from "@indium/contract/plain/lan-bridge";
import type { LinkWitness } from "../../link/link-witness";
import { KeyedMutex } from "../../system/mutex";
import type { HostShell } from "../host-shell";
import type { NetworkLog } from "../log";
import { aliasOf, lanBridgeName } from "../names";
import { CarefulChange } from "./careful-change";
import { gatewaysOf } from "./interface-state";
import { LanBridgeJournal, type LanBridgeRecord } from "./journal";
import { planGather, planMake, planRemove } from "./move-plan";
import { type Baseline, takeBaseline } from "./proof";
import { readInterface, readUplink } from "./read-uplink";
import { bridgeRefusal } from "./refusal";

/*
 *  (nothing) ──ensure──▶ making ──proved──▶ standing ──remove──▶ removing ──proved──▶ (nothing)
 *      │                   │                 ▲     │                │
 *      │ refused           │ not proved:     │     └─ bridge gone   │ not proved: put back
 *      ▼                   ▼ put back        │        (a reboot)    │
 *    failed ◀──────────────┘                 ├──────── making again ◀
 *                                            └── proved, or put back and tried again in ten minutes
 *
 * Invariants
 * - The way back is on disk, and a process that goes it by itself runs, before anything changes (careful-change.ts).
 * - One try per request: `failed` is never tried again by itself, so a network that cannot be made cuts the host off once. A new
 *   request is a new network.
 * - `standing` is never undone but by a request: a cable pulled a week later says nothing about the bridge.
 * - Nothing is written outside the agent's folder. After a reboot the host comes up as its own configuration says, and the agent
 *   makes the bridge again, as carefully as the first time.
 */

const RETRY_MS = 600_000;
/** The host routes by the bridge as it did by the uplink. */
const SYSCTLS = [
  ["ipv4", ["forwarding", "rp_filter", "arp_ignore", "arp_announce", "arp_filter", "proxy_arp", "accept_redirects", "send_redirects"]],
  ["ipv6", ["disable_ipv6", "forwarding", "addr_gen_mode", "use_tempaddr", "autoconf", "accept_ra"]],
] as const;

export interface LanBridges {
  /** @returns the bridge's name, once it stands. @throws AppError `network_failed` with why not; then all is as it was. */
  ensure(network: DesiredNetwork): Promise<string>;
  /** Puts the uplink's addresses back; nothing when no bridge was made for this network. @throws AppError `network_failed`. */
  remove(id: NetworkId): Promise<void>;
  nameOf(id: NetworkId): string;
}

export interface LanBridgesOptions {
  readonly stateDir: string;
  readonly shell: HostShell;
  readonly owner: string;
  readonly link: LinkWitness | null;
  readonly log: NetworkLog;
  /** How long the proof may take, in ms. */
  readonly limitMs?: number;
  readonly now?: () => number;
}

export function createLanBridges(options: LanBridgesOptions): LanBridges {
  const { shell, owner, link, log } = options;
  const now = options.now ?? Date.now;
  const limitMs = options.limitMs ?? LAN_BRIDGE_LIMIT_SECONDS * 1_000;
  const journal = new LanBridgeJournal(options.stateDir);
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const ports = { shell, link, now, sleep };
  const changes = new CarefulChange({ journal, ports, log, limitMs });
  // One change to the host's own network at a time.
  const lock = new KeyedMutex();
  const serial = <T>(act: () => Promise<T>): Promise<T> =>
    lock.run("uplinks", async () => {
      await recovery();
      return act();
    });

  let recovering: Promise<void> | null = null;
  function recovery(): Promise<void> {
    recovering ??= recover().catch((error: unknown) => {
      recovering = null;
      throw error;
    });
    return recovering;
  }
  // At the agent's start, before any document or link: what the last agent left unproved is undone first.
  lock.run("uplinks", recovery).catch((error: unknown) => {
    log("error", `What was left of a LAN bridge could not be put back: ${toAppError(error, "unknown").message}`);
  });

  async function recover(): Promise<void> {
    await journal.load();
    for (const record of journal.records) {
      if (record.attempt === null) continue;
      const outcome = await changes.settleLeftOver(record.attempt);
      log(
        "warning",
        `A change to ${record.uplink} was under way when the agent ended; it was ${outcome === "kept" ? "kept" : "put back"}.`,
      );
      if (outcome === "kept" && record.phase === "removing") await finishRemoval(record);
      else if (outcome === "kept" || record.phase === "removing" || record.attempt.again) {
        await journal.put({ ...record, phase: "standing", attempt: null, retryAt: outcome === "kept" ? 0 : now() + RETRY_MS });
      } else {
        const error = failure(
          `The agent on this host ended while the bridge of ${record.uplink} was being proved, so ${record.uplink} was put back as it was. Delete this network and make it again.`,
        );
        await journal.put({ ...record, phase: "failed", attempt: null, error: error.toWire() });
      }
      await journal.forgetAttempt(record.attempt.id);
    }
  }

  async function make(network: DesiredNetwork, uplink: string, record: LanBridgeRecord | null): Promise<string> {
    const bridge = lanBridgeName(owner, network.id);
    const again = record !== null;
    const reading = await readUplink(shell, uplink);
    const bare = reading.state.addresses.length === 0 && reading.state.routes.length === 0;
    const base: LanBridgeRecord = record ?? {
      networkId: network.id,
      uplink,
      bridge,
      phase: "making",
      attempt: null,
      error: null,
      bare,
      retryAt: 0,
    };
    const fail = async (error: AppError): Promise<never> => {
      const later = { error: error.toWire(), attempt: null, retryAt: now() + RETRY_MS };
      await journal.put({ ...base, ...later, phase: again ? "standing" : "failed" });
      throw error;
    };
    if (reading.signs.master?.name === bridge && (await shell.link(bridge))?.alias === aliasOf(owner, network.id)) {
      // The journal was lost, not the bridge.
      await journal.put({ ...base, phase: "standing" });
      return bridge;
    }
    const refusal = bridgeRefusal(reading.signs);
    if (refusal !== null) return fail(failure(refusal));
    const others = journal.records.find((other) => other.uplink === uplink && other.networkId !== network.id && other.phase !== "failed");
    if (others !== undefined) return fail(failure(`The network ${others.networkId} makes a bridge of ${uplink} already.`));

    const baseline = await takeBaseline(ports, uplink, gatewaysOf(reading.state));
    // Not recorded: it begins as soon as there is something that can prove it.
    if (!again && link !== null && !baseline.linked)
      throw failure(`The bridge of ${uplink} is made once this host is linked to the centre.`);
    if (!provable(baseline) && !(again && bare && base.bare))
      throw failure(`Neither the centre nor a gateway answers by ${uplink} now, so nothing could prove its bridge. It is tried again.`);

    log(
      "warning",
      `Making the bridge ${bridge} of ${uplink}; it is put back unless all that answered answers within ${limitMs / 1_000} s.`,
    );
    const plan = planMake(
      { uplink, bridge, macAddress: reading.macAddress, mtu: reading.mtu, alias: aliasOf(owner, network.id) },
      reading.state,
    );
    const failed = await changes.carryOut({
      record: { ...base, phase: "making" },
      again,
      plan,
      from: uplink,
      to: bridge,
      before: reading.state,
      baseline,
      prepared: () => copySysctls(uplink, bridge),
    });
    if (failed !== null) {
      log("error", failed);
      return fail(
        failure(`${failed} Nothing is tried again by itself: delete this network and make it again, or make the bridge by hand.`),
      );
    }
    log("info", `The bridge ${bridge} of ${uplink} stands.`);
    return bridge;
  }

  async function keepUp(network: DesiredNetwork, record: LanBridgeRecord): Promise<string> {
    const { bridge, uplink } = record;
    const links = await shell.links([bridge, uplink]);
    const port = links.get(uplink);
    if (port === undefined) throw failure(`${uplink}, of which the bridge ${bridge} was made, is no longer on this host.`);
    if (!links.has(bridge)) {
      if (record.error !== null && now() < record.retryAt) throw AppError.fromWire(record.error);
      return make(network, uplink, record);
    }
    if (port.master !== bridge) {
      throw failure(
        `${uplink} was taken out of the bridge ${bridge} by hand. Put it back (ip link set ${uplink} master ${bridge}), or delete this network.`,
      );
    }
    const { state: strays } = await readInterface(shell, uplink);
    if (strays.addresses.length > 0 || strays.routes.length > 0) {
      log("warning", `Addresses or routes came back to ${uplink}; they follow to the bridge ${bridge}.`);
      const { forward, tidy } = planGather({ uplink, bridge }, strays);
      await shell.ipBatch(forward);
      await shell.ipBatchForced(tidy);
    }
    return bridge;
  }

  async function takeDown(record: LanBridgeRecord): Promise<void> {
    const { bridge, uplink } = record;
    const links = await shell.links([bridge, uplink]);
    if (!links.has(bridge) || !links.has(uplink)) return finishRemoval(record);
    const others = (await shell.ip("-o", "link", "show", "master", bridge))
      .split("\n")
      .flatMap((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? []);
    if (others.some((port) => port !== uplink))
      throw failure(`The bridge ${bridge} still has interfaces of instances. Delete these first.`);
    const { state, unmovable } = await readInterface(shell, bridge);
    if (unmovable !== null)
      throw failure(`${bridge} has what cannot be moved back as it is: ${unmovable}. Remove that, then delete again.`);
    const baseline = await takeBaseline(ports, bridge, gatewaysOf(state));
    if (!provable(baseline) && state.addresses.length > 0)
      throw failure(`Neither the centre nor a gateway answers by ${bridge} now, so nothing could prove its removal. It is tried again.`);
    log("warning", `Moving the addresses of the bridge ${bridge} back to ${uplink}.`);
    const failed = await changes.carryOut({
      record: { ...record, phase: "removing" },
      again: true,
      plan: planRemove({ uplink, bridge }, state),
      from: bridge,
      to: uplink,
      before: state,
      baseline,
      prepared: async () => {
        const forwarding = await shell.readProc(`sys/net/ipv4/conf/${bridge}/forwarding`);
        if (forwarding === "1") await shell.sysctl([`ipv4/conf/${uplink}/forwarding`], "1");
      },
    });
    if (failed === null) return finishRemoval(record);
    await journal.put({ ...record, phase: "standing", attempt: null });
    throw failure(`${failed} The bridge ${bridge} stays for now; its removal is tried again in ten minutes.`);
  }

  async function finishRemoval(record: LanBridgeRecord): Promise<void> {
    const attempt = journal.find(record.networkId)?.attempt ?? null;
    await shell.ipMaybe("link", "del", record.bridge);
    await journal.drop(record.networkId);
    if (attempt !== null) await journal.forgetAttempt(attempt.id);
  }

  async function copySysctls(from: string, to: string): Promise<void> {
    for (const [family, keys] of SYSCTLS) {
      for (const key of keys) {
        const value = await shell.readProc(`sys/net/${family}/conf/${from}/${key}`);
        if (value !== null) await shell.sysctl([`${family}/conf/${to}/${key}`], value);
      }
    }
  }

  return {
    nameOf: (id) => lanBridgeName(owner, id),
    ensure: (network) =>
      serial(async () => {
        const { uplinkInterface: uplink } = network;
        if (uplink === undefined) throw failure(`The network ${network.name} names no uplink.`);
        const record = journal.find(network.id);
        if (record === null) return make(network, uplink, null);
        switch (record.phase) {
          case "failed":
            throw record.error === null ? failure(`No bridge could be made of ${record.uplink}.`) : AppError.fromWire(record.error);
          case "making":
          case "removing":
            // A change ends in another phase before the lock is free, unless its end could not be written.
            await recover();
            throw failure(`The bridge of ${record.uplink} was left half-way and has been settled. It is tried again.`);
          case "standing":
            return keepUp(network, record);
        }
      }),
    remove: (id) =>
      serial(async () => {
        const record = journal.find(id);
        if (record === null) return;
        if (record.phase === "failed") return journal.drop(id);
        await takeDown(record);
      }),
  };
}

const failure = (message: string): AppError => new AppError("network_failed", message);
const provable = (baseline: Baseline): boolean => baseline.linked || baseline.gateways.length > 0;
