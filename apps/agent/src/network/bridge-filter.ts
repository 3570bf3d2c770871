import type { DesiredNic } from "@indium/contract/network";
import { renderBridgeBase, renderNicBridgeRemoval, renderNicBridgeRules } from "./bridge-rules";
import { type HostShell, revisionOf } from "./host-shell";
import { KeyedLock } from "./keyed-lock";
import { type NicNames, tablePrefix } from "./names";
import { type Counted, readCounters } from "./nft-counters";

/** The table of this agent's on bridges, kept as it should be. Every change is one transaction; changes are made one at a time. */
export class BridgeFilter {
  readonly #shell: HostShell;
  readonly #lock = new KeyedLock();
  readonly table: string;

  constructor(shell: HostShell, owner: string) {
    this.#shell = shell;
    this.table = `${tablePrefix(owner)}bridges`;
  }

  /** Before the tap joins its bridge. */
  async ensure(nic: DesiredNic, names: NicNames): Promise<void> {
    await this.#lock.run(this.table, async () => {
      const baseRevision = revisionOf(renderBridgeBase(this.table, ""));
      const revision = revisionOf(renderNicBridgeRules(this.table, nic, names, ""));
      const [base, own] = await Promise.all([
        this.#shell.nftQuery("list", "chain", "bridge", this.table, "prerouting"),
        this.#shell.nftQuery("list", "chain", "bridge", this.table, `from_${names.tap}`),
      ]);
      const changes = [
        ...(base.stdout.includes(`comment "${baseRevision}"`) ? [] : [renderBridgeBase(this.table, baseRevision)]),
        ...(own.stdout.includes(`comment "${revision}"`) ? [] : [renderNicBridgeRules(this.table, nic, names, revision)]),
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
