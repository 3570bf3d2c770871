import type { SignedEnvelope } from "@indium/contract/envelope";
import { RelayList } from "@indium/contract/relays";
import { readForeignJson } from "@indium/tunnel/foreign-json";
import type { Session, SessionRegistry } from "./session";

/** The centre's list of relays, for agents: told at each link, and to all when it has changed. Signed past this relay. */
export class RelayListTeller {
  readonly #sessions: SessionRegistry;
  #held: { readonly revision: string; readonly list: SignedEnvelope } | null = null;

  constructor(sessions: SessionRegistry) {
    this.#sessions = sessions;
  }

  /** Undefined before the centre has given one. */
  get revision(): string | undefined {
    return this.#held?.revision;
  }

  given(next: { readonly revision: string; readonly list: SignedEnvelope } | undefined): void {
    if (next === undefined) return;
    this.#held = next;
    for (const session of this.#sessions.all()) session.socket.emit("link:relays", next.list);
  }

  /** Whether hosts have another relay than this one to go to. */
  others(relayName: string): boolean {
    if (this.#held === null) return false;
    const list = RelayList.safeParse(readForeignJson(this.#held.list.payload));
    return list.success && list.data.relays.some((relay) => relay.name !== relayName);
  }

  /** After its `link:ready`. */
  tell(session: Session): void {
    if (this.#held !== null) session.socket.emit("link:relays", this.#held.list);
  }
}
