import type { KeyObject } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import type { OverlayAddress, OverlayPrefix } from "@indium/contract/overlay";
import { type OverlayInterface, type OverlaySystem, openOverlayInterface } from "@indium/tunnel/overlay/interface";
import { Heartbeats } from "./heartbeats";

/** On the overlay address only, so that no other program has it. The same after a restart: hosts' heartbeats then find it again. */
const OVERLAY_PORT = 7786;

/** The overlay while it is up. */
export interface Up {
  readonly device: OverlayInterface;
  readonly heartbeats: Heartbeats;
  readonly listener: Server;
  readonly linkPort: number;
}

interface Peer {
  readonly publicKey: string;
  readonly address: OverlayAddress;
  readonly endpoint: string | null;
}

export interface BringingUp {
  readonly system: OverlaySystem;
  readonly name: string;
  readonly table: string;
  readonly privateKey: KeyObject;
  /** WireGuard's. */
  readonly port: number;
  readonly prefix: OverlayPrefix;
  readonly address: OverlayAddress;
  /** Of before: greeted where they were. */
  readonly peers: readonly Peer[];
  readonly accept: (socket: Socket) => void;
}

/** Interface, rules, address, peers of before, listeners; nothing of it is left when one of them fails. @throws AppError `network_failed`, EADDRINUSE and the like. */
export async function bringUp({ system, name, table, privateKey, port, prefix, address, peers, accept }: BringingUp): Promise<Up> {
  const services = [`tcp dport ${OVERLAY_PORT}`, `udp dport ${OVERLAY_PORT}`];
  const device = await openOverlayInterface({
    ...{ system, name, privateKey, listenPort: port, address },
    routes: [`${prefix}:2::/64`],
    rules: { table, interfaceName: name, address, services },
  });
  let heartbeats: Heartbeats | null = null;
  try {
    await device.wireguard.configure({ peers: peers.map(asWireGuardPeer) });
    heartbeats = await Heartbeats.open(address, OVERLAY_PORT);
    const listener = createServer({ noDelay: true }, accept);
    await new Promise<void>((resolve, reject) => listener.once("error", reject).listen(OVERLAY_PORT, address, resolve));
    for (const peer of peers) if (peer.endpoint !== null) heartbeats.greet(peer.address);
    return { device, heartbeats, listener, linkPort: OVERLAY_PORT };
  } catch (thrown) {
    heartbeats?.close();
    await device.close();
    throw thrown;
  }
}

export const asWireGuardPeer = ({ publicKey, address, endpoint }: Peer) => ({
  publicKey,
  allowedIps: [`${address}/128`],
  ...(endpoint === null ? {} : { endpoint }),
});
