import type { DesiredNic } from "@indium/contract/network";
import { KeyedMutex } from "../system/mutex";
import { renderBridgeBase, renderNicBridgeRemoval, renderNicBridgeRules } from "./bridge-rules";
import { type HostShell, revisionOf } from "./host-shell";
import { type NicNames, tablePrefix } from "./names";
import { type Counted, readCounters } from "./nft-counters";
import type { FlowMemory, NicPolicy } from "./security-rules";

/** Arguments of nft that fail where the kernel cannot track connections on bridges. */
export const BRIDGE_CONNTRACK_CHECK = [
  "-c",
  "table bridge indium-check {\n chain check {\n type filter hook prerouting priority -150\n ct state established accept\n }\n}\n",
] as const;

/** The table of this agent's on bridges, kept as it should be. Every change is one transaction; changes are made one at a time. */
export class BridgeFilter {
  readonly #shell: HostShell;
  readonly #lock = new KeyedMutex();
  readonly table: string;
  #memory: Promise<FlowMemory> | null = null;

  constructor(shell: HostShell, owner: string) {
    this.#shell = shell;
    this.table = `${tablePrefix(owner)}bridges`;
  }

  /** Asked of the kernel once: by a rule that is checked and not loaded. The module, where there is one, is loaded by asking. */
  flowMemory(): Promise<FlowMemory> {
    this.#memory ??= this.#shell.nftQuery(...BRIDGE_CONNTRACK_CHECK).then((result) => (result.code === 0 ? "conntrack" : "own"));
    return this.#memory;
  }

  /** Before the tap joins its bridge, and again whenever the groups' rules change. `isNew`: no rules of this NIC can be loaded yet. */
  async ensure(nic: DesiredNic, names: NicNames, policy: NicPolicy | null, isNew = false): Promise<void> {
    const security = { policy, memory: await this.flowMemory() };
    await this.#lock.run(this.table, async () => {
      const baseRevision = revisionOf(renderBridgeBase(this.table, ""));
      const revision = revisionOf(renderNicBridgeRules(this.table, nic, names, security, ""));
      const [base, own] = await Promise.all([
        this.#shell.nftQuery("list", "chain", "bridge", this.table, "prerouting"),
        isNew ? null : this.#shell.nftQuery("list", "chain", "bridge", this.table, `from_${names.tap}`),
      ]);
      const changes = [
        ...(base.stdout.includes(`comment "${baseRevision}"`) ? [] : [renderBridgeBase(this.table, baseRevision)]),
        ...(own?.stdout.includes(`comment "${revision}"`) ? [] : [renderNicBridgeRules(this.table, nic, names, security, revision)]),
      ];
      if (changes.length > 0) await this.#shell.nft(changes.join(""));
    });
  }

  /** The table goes with the last of the agent's NICs. */
  async remove(names: NicNames, last: () => Promise<boolean>): Promise<void> {
    await this.#lock.run(this.table, async () => {
      if (await last()) await this.#shell.nft(`table bridge ${this.table}\ndelete table bridge ${this.table}\n`);
      else
        await this.#shell.nft(
          renderBridgeBase(this.table, revisionOf(renderBridgeBase(this.table, ""))) + renderNicBridgeRemoval(this.table, names),
        );
    });
  }

  async counters(names: NicNames): Promise<Record<string, Counted>> {
    const suffix = `_${names.tap}`;
    const all = (await readCounters(this.#shell, "bridge", this.table)) ?? {};
    return Object.fromEntries(
      Object.entries(all).flatMap(([name, counted]) => (name.endsWith(suffix) ? [[name.slice(0, -suffix.length), counted] as const] : [])),
    );
  }
}
