import type { RequestListener } from "node:http";
import { AppError } from "@indium/contract/errors";
import { relayApi } from "@indium/contract/internal-api";
import { type KeyPair, keyId } from "@indium/tunnel/keys";
import { createSignedHandler } from "@indium/tunnel/signed-http";
import type { Centre } from "../centre";
import type { Log } from "../log";
import type { RelayOverlay } from "../overlay/overlay";
import type { Sessions } from "../sessions/sessions";
import type { ConsoleStreams } from "../streams/console-streams";

const MAX_CALLS_PER_HOST = 64;
const MAX_BODY_BYTES = 20_000_000;

export interface RelayApiOptions {
  readonly keys: KeyPair;
  readonly centre: Centre;
  readonly sessions: Sessions;
  readonly streams: ConsoleStreams;
  readonly overlay: Pick<RelayOverlay, "forget">;
  readonly log: Log;
}

/** What the centre, and nobody else, may ask of this relay. */
export function createRelayApi(options: RelayApiOptions): RequestListener {
  const { keys, centre, sessions, streams, overlay, log } = options;
  return createSignedHandler({
    api: relayApi,
    prefix: "/",
    privateKey: keys.privateKey,
    trustedKey: (id) => (centre.publicKey !== null && keyId(centre.publicKey) === id ? centre.publicKey : null),
    maxBodyBytes: MAX_BODY_BYTES,
    onInternalError: (name, error) => log("error", `${name}: ${error.internal ?? error.message}`),
    handlers: {
      call: async ({ hostId, linkEpoch, type, path, input, timeoutMs }) => {
        const session = await sessions.expect(hostId, linkEpoch);
        if (session === null) {
          throw new AppError("host_unreachable", `The host ${hostId} is not linked to this relay (any more); nothing was sent to it.`);
        }
        return await session.rpc.call({ type, path, input }, { timeoutMs, maxConcurrent: MAX_CALLS_PER_HOST });
      },
      dropHost: async ({ hostId, reason }) => {
        streams.endHost(hostId);
        overlay.forget(hostId);
        sessions.drop(hostId, new AppError("host_revoked", reason), false);
        sessions.dropStandby(hostId, new AppError("host_revoked", reason));
        return {};
      },
      endStreams: async (what) => ({ ended: streams.end(what) }),
    },
  });
}
