import type { OverlayGrant } from "@indium/contract/overlay";
import type { KeyPair } from "@indium/tunnel/keys";
import { type OverlayInterface, type OverlaySystem, openOverlayInterface } from "@indium/tunnel/overlay/interface";
import type { WireGuardPeer } from "@indium/tunnel/overlay/uapi";
import { DirectTunnels } from "./direct-tunnels";
import type { HeartbeatSender } from "./heartbeat-sender";
import { resolveEndpoint } from "./resolve-endpoint";

/** Keeps a NAT's mapping also while heartbeats are far between. */
const KEEPALIVE_S = 15;

/** This host's interface, and the relay that it leads to. */
export interface HostTunnel {
  readonly configuredAs: string;
  readonly address: string;
  readonly prefix: string;
  readonly relayKey: string;
  readonly device: OverlayInterface;
  readonly heartbeat: HeartbeatSender;
}

/** The relay as WireGuard's peer, by UDP. @throws AppError `network_failed` for a name that leads nowhere. */
export async function relayPeer({ prefix, relay }: OverlayGrant): Promise<WireGuardPeer & { readonly endpoint: string }> {
  return {
    publicKey: relay.publicKey,
    endpoint: await resolveEndpoint(relay.endpoint),
    keepalive: KEEPALIVE_S,
    allowedIps: [`${prefix}::/48`],
  };
}

export interface OpeningDevice {
  readonly system: OverlaySystem;
  readonly name: string;
  readonly key: KeyPair;
  /** 0, or left out: any. */
  readonly listenPort?: number;
  readonly address: string;
  readonly prefix: string;
}

/** @throws AppError `network_failed`. */
export function openHostDevice({ system, name, key, listenPort = 0, address, prefix }: OpeningDevice): Promise<OverlayInterface> {
  return openOverlayInterface({
    ...{ system, name, privateKey: key.privateKey, listenPort, address },
    routes: [`${prefix}::/48`],
    rules: { table: name.replace("-", "_"), interfaceName: name, address, services: DirectTunnels.services(prefix) },
  });
}
