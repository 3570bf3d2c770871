import { AppError } from "@indium/contract/errors";
import { HostId } from "@indium/contract/ids";
import { relayApi } from "@indium/contract/internal-api";
import { pause } from "@indium/tunnel/backoff";
import type { HostTransport } from "@indium/tunnel/host-link";
import { signedCall } from "@indium/tunnel/signed-http";
import type { Db } from "../db";
import type { Signer } from "../services/signing";

/**
 * Where a host's link is, and calls over it.
 *
 *   look up (Postgres) ──▶ ask that relay, with the link's epoch ──▶ answer
 *        ▲                          │ host_unreachable: nothing was sent (the relay is gone, or holds the host no more)
 *        └── the epoch has risen ◀──┘ the host links to another relay in a moment; looked for up to MOVE_WAIT_MS
 *
 * What was sent and not answered (`host_timeout`) is never sent again from here: it may have been carried out.
 */
export interface HostLinkContext {
  readonly db: Db;
  readonly signer: Signer;
}

interface LinkedAt {
  readonly relayUrl: string;
  readonly relayName: string;
  readonly relayKey: string;
  readonly linkEpoch: number;
  /** Until when the host counts as there. */
  readonly leaseExpiresAt: Date | null;
}

/** A host that has lost its relay dials another within a second; the rest is for machines that are busy. */
const MOVE_WAIT_MS = 5_000;
const LOOK_EVERY_MS = 100;
const CONNECT_TIMEOUT_MS = 2_000;

export class HostLink {
  readonly #context: HostLinkContext;
  readonly #hostId: HostId;
  #at: LinkedAt | null = null;

  constructor(context: HostLinkContext, hostId: string) {
    this.#context = context;
    this.#hostId = HostId.parse(hostId);
  }

  /** The relay that was asked last. */
  get relayName(): string | null {
    return this.#at?.relayName ?? null;
  }

  /** @throws AppError `host_unreachable` (nothing was sent), `host_timeout` (it may have been carried out), or what the relay says. */
  transport(timeoutMs: number): HostTransport {
    return async (call) => {
      const deadline = performance.now() + MOVE_WAIT_MS;
      this.#at = await this.#find();
      for (;;) {
        const at = this.#at;
        if (at === null) throw new AppError("host_unreachable", "The host has no link.");
        try {
          return await this.#ask(at, call, timeoutMs);
        } catch (thrown) {
          if (!(thrown instanceof AppError) || thrown.code !== "host_unreachable") throw thrown;
          const next = await this.#moved(at, deadline);
          if (next === null) throw thrown;
          this.#at = next;
        }
      }
    };
  }

  async #find(): Promise<LinkedAt | null> {
    const host = await this.#context.db.host.findUnique({
      where: { id: this.#hostId },
      select: { relayUrl: true, relayName: true, linkEpoch: true, leaseExpiresAt: true },
    });
    if (host === null || host.relayUrl === null || host.relayName === null) return null;
    const relay = await this.#context.db.relay.findUnique({ where: { name: host.relayName }, select: { publicKey: true } });
    if (relay === null) return null;
    const { relayUrl, relayName, linkEpoch, leaseExpiresAt } = host;
    return { relayUrl, relayName, relayKey: relay.publicKey, linkEpoch, leaseExpiresAt };
  }

  /** The host's next link, once it has one; null when none comes in time, or none is to be expected. */
  async #moved(from: LinkedAt, deadline: number): Promise<LinkedAt | null> {
    for (;;) {
      const now = await this.#find();
      if (now !== null && now.linkEpoch > from.linkEpoch) return now;
      const expected = (from.leaseExpiresAt?.getTime() ?? 0) > Date.now();
      if (!expected || performance.now() > deadline) return null;
      await pause(LOOK_EVERY_MS);
    }
  }

  #ask(at: LinkedAt, { type, path, input }: Parameters<HostTransport>[0], timeoutMs: number): ReturnType<HostTransport> {
    const { relayUrl, relayName, relayKey, linkEpoch } = at;
    return signedCall(
      relayUrl,
      "call",
      { hostId: this.#hostId, linkEpoch, type, path, input, timeoutMs },
      {
        privateKey: this.#context.signer.keyPair.privateKey,
        peerPublicKey: relayKey,
        outputSchema: relayApi.call.output,
        // The relay itself gives up first, and says what it knows.
        timeoutMs: timeoutMs + 2_000,
        // A machine that is off refuses nothing, it says nothing.
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        peerName: `relay ${relayName}`,
      },
    );
  }
}
