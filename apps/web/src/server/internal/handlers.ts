import { AppError } from "@indium/contract/errors";
import type { internalApi } from "@indium/contract/internal-api";
import type { SignedCaller, SignedHandlers } from "@indium/tunnel/signed-http";
import type { Db } from "../db";
import { recordConsoleEvent } from "../services/console-events";
import { connectHost, disconnectHost, linkNonce, registerRelay, removedHosts, renewLeases, standbyHost } from "../services/hosts-links";
import { advanceOperationsOf } from "../services/operation-advance";
import { joinOverlay, overlayPairs, overlayRevision } from "../services/overlay";
import { relayListFor, relaySeen } from "../services/relays";
import { ingestReports } from "../services/reports";
import { type Signer, signReportAck } from "../services/signing";
import { ingestUsage } from "../services/usage";
import type { TrustedRelays } from "./trusted-relays";

export interface InternalContext {
  readonly db: Db;
  readonly signer: Signer;
  readonly relays: TrustedRelays;
  readonly now: () => number;
}

/**
 * What relays ask. A relay speaks for itself only: its name is that of the key it signs with, and what it says of a host counts where the
 * host, or the centre itself, has signed it.
 */
export function internalHandlers(context: InternalContext): SignedHandlers<typeof internalApi> {
  const { db, signer, now } = context;
  const callerName = async (caller: SignedCaller): Promise<string> => {
    const name = await context.relays.nameOf(caller.publicKey);
    if (name === null) throw new AppError("signature_invalid", "This relay is not trusted here.");
    return name;
  };
  const mustBe = async (caller: SignedCaller, name: string): Promise<void> => {
    if ((await callerName(caller)) !== name) throw new AppError("forbidden", `The caller's key is not that of relay ${name}.`);
  };
  return {
    registerRelay: async (input, caller) => {
      await mustBe(caller, input.name);
      if (input.publicKey !== caller.publicKey)
        throw new AppError("forbidden", `Relay ${input.name} registers another key than it signs with.`);
      return registerRelay(db, signer, input, now());
    },
    linkNonce: async (input, caller) => {
      await mustBe(caller, input.relayName);
      return linkNonce(db, signer, input, now());
    },
    connectHost: async (input, caller) => {
      await mustBe(caller, input.relayName);
      return connectHost(db, signer, input, now());
    },
    standbyHost: async (input, caller) => {
      await mustBe(caller, input.relayName);
      return standbyHost(db, signer, input, now());
    },
    disconnectHost: async (input, caller) => {
      await disconnectHost(db, { ...input, relayName: await callerName(caller) }, now());
      return {};
    },
    renewLeases: async (input, caller) => {
      await mustBe(caller, input.relayName);
      const nowMs = now();
      await relaySeen(db, input.relayName, input.draining === true, nowMs);
      const { lost } = await renewLeases(db, input, nowMs);
      const relays = await relayListFor(db, signer, input.relaysRevision, nowMs);
      const removed = await removedHosts(db, input.standbys ?? []);
      return {
        lost,
        overlayRevision: await overlayRevision(db),
        ...(relays === undefined ? {} : { relays }),
        ...(removed.length === 0 ? {} : { removed }),
      };
    },
    joinOverlay: async (input, caller) => joinOverlay(db, signer, input, await callerName(caller), now()),
    overlayPairs: async (_input, caller) => {
      await callerName(caller);
      return overlayPairs(db);
    },
    ingestReports: async ({ reports, ...fence }, caller) => {
      const { ack, instanceIds } = await ingestReports(db, { ...fence, relayName: await callerName(caller) }, reports, now());
      // After the acknowledgement's commit: what fails here, the durable job and the sweep catch up with.
      await advanceOperationsOf(db, instanceIds, now()).catch((thrown: unknown) => console.error("advancing operations failed:", thrown));
      return { ack: signReportAck(signer, ack) };
    },
    ingestUsage: async (input, caller) => {
      await ingestUsage(db, input, await callerName(caller), now());
      return {};
    },
    consoleEvent: async (input, caller) => {
      await recordConsoleEvent(db, signer, input, await callerName(caller), now());
      return {};
    },
  };
}
