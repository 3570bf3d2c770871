import { join } from "node:path";
import { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import { type RelayEntry, RelayList } from "@indium/contract/relays";
import { openEnvelope } from "@indium/tunnel/envelope";
import { readJsonFile, writeFileAtomic } from "../system/files";
import type { Membership } from "./identity";

export interface RelayBookOptions {
  readonly membership: Membership;
  /** Keeps the list as signed. */
  readonly save?: (list: SignedEnvelope) => Promise<void>;
  readonly onSaveFailed?: (error: unknown) => void;
}

/** The relays of this installation as the centre last listed them. A relay passes the list on and can neither write one nor bring back an older one. */
export class RelayBook {
  readonly #options: RelayBookOptions;
  #issuedAt = 0;
  #relays: readonly RelayEntry[];

  constructor(options: RelayBookOptions) {
    this.#options = options;
    this.#relays = options.membership.relays ?? [];
  }

  get relays(): readonly RelayEntry[] {
    return this.#relays;
  }

  knows(relayName: string): boolean {
    return this.#relays.some((relay) => relay.name === relayName);
  }

  /** Where that relay is reached past its overlay; what was given at enrolment when nothing is known of it. */
  urlsOf(relayName: string): readonly string[] {
    const known = this.#relays.filter((relay) => relay.name === relayName).map((relay) => relay.url);
    return known.length > 0 ? known : this.#options.membership.relayUrls;
  }

  /** True when it says something new. @throws AppError `signature_invalid` or `bad_request` for what is not the centre's list. */
  learn(raw: unknown): boolean {
    const envelope = SignedEnvelope.safeParse(raw);
    if (!envelope.success) throw new AppError("bad_request", "The list of relays is malformed.");
    if (!this.#take(envelope.data)) return false;
    this.#options.save?.(envelope.data).catch((thrown: unknown) => this.#options.onSaveFailed?.(thrown));
    return true;
  }

  /** As kept in `<state>/relays.json`: verified like one that has just come; what cannot be used is as if it were not there. */
  static async load(stateDir: string, options: Pick<RelayBookOptions, "membership" | "onSaveFailed">): Promise<RelayBook> {
    const path = join(stateDir, "relays.json");
    const book = new RelayBook({ ...options, save: (list) => writeFileAtomic(path, `${JSON.stringify(list)}\n`, { mode: 0o600 }) });
    try {
      const kept = SignedEnvelope.safeParse(await readJsonFile(path));
      if (kept.success) book.#take(kept.data);
    } catch (thrown) {
      options.onSaveFailed?.(thrown);
    }
    return book;
  }

  #take(envelope: SignedEnvelope): boolean {
    const { membership } = this.#options;
    const list = openEnvelope(envelope, { purpose: "relay-list", publicKeys: [membership.centrePublicKey], schema: RelayList });
    if (list.issuedAt <= this.#issuedAt) return false;
    this.#issuedAt = list.issuedAt;
    this.#relays = list.relays;
    return true;
  }
}
