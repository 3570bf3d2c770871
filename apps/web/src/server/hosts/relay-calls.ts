import type { HostId } from "@indium/contract/ids";
import { relayApi } from "@indium/contract/internal-api";
import { signedCall } from "@indium/tunnel/signed-http";
import type { z } from "zod";
import type { HostCallContext } from "./host-calls";

const TIMEOUT_MS = 5_000;
/** A relay whose machine is off, beside others that answer. */
const CONNECT_TIMEOUT_MS = 2_000;

/** Cuts a host's link at whatever relay holds it. A relay that cannot be reached holds nothing for long: the lease is not renewed. */
export async function dropHost(context: HostCallContext, host: { id: HostId; relayName: string | null }, reason: string): Promise<void> {
  if (host.relayName === null) return;
  const relay = await context.db.relay.findUnique({ where: { name: host.relayName } });
  if (relay === null) return;
  await signedCall(
    relay.rpcUrl,
    "dropHost",
    { hostId: host.id, reason },
    {
      privateKey: context.signer.keyPair.privateKey,
      peerPublicKey: relay.publicKey,
      outputSchema: relayApi.dropHost.output,
      timeoutMs: TIMEOUT_MS,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      peerName: `relay ${relay.name}`,
    },
  );
}

/** Ends open console streams and unused tickets, at every relay. Answers how many were open. */
export async function endStreams(context: HostCallContext, what: z.input<(typeof relayApi)["endStreams"]["input"]>): Promise<number> {
  const relays = await context.db.relay.findMany();
  const ended = await Promise.allSettled(
    relays.map((relay) =>
      signedCall(relay.rpcUrl, "endStreams", what, {
        privateKey: context.signer.keyPair.privateKey,
        peerPublicKey: relay.publicKey,
        outputSchema: relayApi.endStreams.output,
        timeoutMs: TIMEOUT_MS,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        peerName: `relay ${relay.name}`,
      }),
    ),
  );
  return ended.reduce((sum, result) => sum + (result.status === "fulfilled" ? result.value.ended : 0), 0);
}
