import type { SignedEnvelope } from "@indium/contract/envelope";
import type { HostId } from "@indium/contract/ids";
import type { AgentToRelayEvents, RelayToAgentEvents } from "@indium/contract/link";
import { RpcCaller } from "@indium/tunnel/rpc-call";
import type { Server, Socket } from "socket.io";

export type LinkServer = Server<AgentToRelayEvents, RelayToAgentEvents>;
export type LinkSocket = Socket<AgentToRelayEvents, RelayToAgentEvents>;

/** An authenticated link. `linkEpoch` is the centre's: it fences two relays, or two links, claiming one host. */
export class Session {
  readonly hostId: HostId;
  readonly linkEpoch: number;
  /** Raw base64. */
  readonly publicKey: string;
  /** The host asked for it to take the place of a link that holds. */
  readonly moving: boolean;
  /** The centre's word for it, for the agent. */
  readonly claim: SignedEnvelope;
  readonly socket: LinkSocket;
  readonly rpc: RpcCaller;

  /** Of the session whose place this one took: calls that were addressed to it just before are this one's. */
  #movedFrom: number | null = null;

  constructor(
    claimed: { hostId: HostId; linkEpoch: number; claim: SignedEnvelope },
    hello: { publicKey: string; moving: boolean },
    socket: LinkSocket,
  ) {
    this.hostId = claimed.hostId;
    this.linkEpoch = claimed.linkEpoch;
    this.claim = claimed.claim;
    this.publicKey = hello.publicKey;
    this.moving = hello.moving;
    this.socket = socket;
    this.rpc = new RpcCaller(socket);
  }

  /** Takes the place of another session of the same host, calls under way and all. Call it once the agent knows that this one is ready. */
  takeOver(older: Session): void {
    this.#movedFrom = older.linkEpoch;
    this.rpc.takeOver(older.rpc);
  }

  answersTo(linkEpoch: number): boolean {
    return linkEpoch === this.linkEpoch || linkEpoch === this.#movedFrom;
  }
}

/** Who is linked now: one session per host, the one of the highest epoch. */
export class SessionRegistry {
  readonly #sessions = new Map<HostId, Session>();

  get size(): number {
    return this.#sessions.size;
  }

  get(hostId: HostId): Session | undefined {
    return this.#sessions.get(hostId);
  }

  all(): Session[] {
    return [...this.#sessions.values()];
  }

  /** The loser of a double claim, to be dropped: the older session, or the new one when its answer came late. Null when there is none. */
  claim(session: Session): Session | null {
    const held = this.#sessions.get(session.hostId);
    if (held !== undefined && held.linkEpoch > session.linkEpoch) return session;
    this.#sessions.set(session.hostId, session);
    return held ?? null;
  }

  /** False when another session holds the host by now. */
  release(session: Session): boolean {
    if (this.#sessions.get(session.hostId) !== session) return false;
    this.#sessions.delete(session.hostId);
    return true;
  }
}
