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
 *        ▲                          │ host_unreachable: nothing was sent. The relay is gone, holds the host no more, or is not told yet that it does
 *        └─────── a moment later ◀──┘ while the host's lease holds, for up to MOVE_WAIT_MS
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
const ASK_AGAIN_MS = 100;
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
      let at = await this.#find();
      if (at === null) throw new AppError("host_unreachable", "The host has no link.");
      for (;;) {
        this.#at = at;
        try {
          return await this.#ask(at, call, timeoutMs);
        } catch (thrown) {
          if (!(thrown instanceof AppError) || thrown.code !== "host_unreachable") throw thrown;
          const next = await this.#again(at, deadline);
          if (next === null) throw thrown;
          at = next;
        }
      }
    };
  }

  /** Where the host is a moment later; null when it is not expected back, or the time is over. */
  async #again(before: LinkedAt, deadline: number): Promise<LinkedAt | null> {
    const expected = () => (before.leaseExpiresAt?.getTime() ?? 0) > Date.now() && performance.now() < deadline;
    while (expected()) {
      await pause(ASK_AGAIN_MS);
      const now = await this.#find();
      if (now !== null) return now;
    }
    return null;
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
