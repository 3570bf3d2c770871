import type { HostId } from "@indium/contract/ids";
import { LinkPromote } from "@indium/contract/link";
import type { LinkSocket } from "./session";

/**
 *   standbyHost ──hold──▶ stands by ──link:promote──▶ (a handshake, and a link like any other: sessions.ts)
 *                             │ lost; told to leave; another of the same host; its host removed; a link wants the place
 *                             ▼
 *                           ended
 *
 * Links that hosts keep ready here while they are linked to another relay. Invariants: the centre counts none of them for anything, so that whoever
 * holds the host's link needs to know of none; nothing but `link:echo` and `link:promote` is listened to; one for each host.
 */
export class Standbys {
  /** In the order in which they came. */
  readonly #held = new Map<HostId, { readonly socket: LinkSocket; readonly release: () => void }>();

  get size(): number {
    return this.#held.size;
  }

  hosts(): HostId[] {
    return [...this.#held.keys()];
  }

  sockets(): LinkSocket[] {
    return [...this.#held.values()].map(({ socket }) => socket);
  }

  /** @returns the same host's former one, to be ended. `promoted` is called at most once, when it is none any more. */
  hold(hostId: HostId, socket: LinkSocket, promoted: (agentNonce: string) => void): LinkSocket | null {
    const former = this.release(hostId);
    const echo = (answer: unknown) => {
      if (typeof answer === "function") answer();
    };
    const promote = (raw: unknown) => {
      const asked = LinkPromote.safeParse(raw);
      if (!asked.success) return;
      release();
      promoted(asked.data.agentNonce);
    };
    const release = () => {
      socket.off("link:echo", echo);
      socket.off("link:promote", promote);
      socket.off("disconnect", release);
      if (this.#held.get(hostId)?.socket === socket) this.#held.delete(hostId);
    };
    this.#held.set(hostId, { socket, release });
    socket.on("link:echo", echo);
    socket.on("link:promote", promote);
    socket.on("disconnect", release);
    return former;
  }

  /** @returns what is a standby no more, to be ended; null when there was none. */
  release(hostId: HostId): LinkSocket | null {
    const held = this.#held.get(hostId);
    held?.release();
    return held?.socket ?? null;
  }

  /** The one that has stood by longest: a link needs the place. */
  releaseOldest(): LinkSocket | null {
    const [oldest] = this.#held.keys();
    return oldest === undefined ? null : this.release(oldest);
  }
}
