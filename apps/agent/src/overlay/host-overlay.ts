import type { Socket } from "node:net";
import type { DesiredPeer, PeerPath } from "@indium/contract/direct";
import type { StreamId } from "@indium/contract/ids";
import type { HostPath } from "@indium/contract/overlay";
import type { ReportBody } from "@indium/contract/report";
import type { KeyPair } from "@indium/tunnel/keys";
import type { OverlaySystem } from "@indium/tunnel/overlay/interface";
import type { ReadyLink } from "../link/connection";
import type { Clock } from "../system/clock";
import type { Log } from "../system/log";
import type { Joining } from "./join";

/** What the agent uses of the overlay: a simulated host has another. */
export interface HostOverlay {
  /** A link is ready, or was moved. */
  ready(link: ReadyLink): void;
  path(): HostPath;
  /** The other hosts of this host's pairs, all of them, as the centre's newest document says. */
  peers(desired: readonly DesiredPeer[]): void;
  peerPaths(): PeerPath[];
  close(): Promise<void>;
}

/** What the agent itself brings to it. */
export interface OverlayWiring {
  /** Ed25519: signs the offer. */
  readonly signing: KeyPair;
  readonly log: Log;
  /** Moves the link; null when it is done. */
  readonly move: (relayUrl: string) => Promise<string | null>;
  /** A stream of its own to the link's relay, which told its id. */
  readonly dial: (link: ReadyLink, streamId: StreamId) => Promise<Socket>;
  readonly report: (body: ReportBody) => void;
}

export interface AgentOverlayOptions extends OverlayWiring, Joining {
  readonly stateDir: string;
  readonly system: OverlaySystem;
  readonly clock: Clock;
  /** WireGuard's UDP port on this host, for a NAT that forwards one; 0: any. */
  readonly listenPort?: number;
  /** Set by the operator: by which `<host>:<port>` other hosts reach that port. */
  readonly declaredEndpoint?: string | null;
}

/** A host without a machine of its own. */
export const simulatedOverlay: HostOverlay = {
  ready: () => {},
  path: () => ({ kind: "websocket", reason: "simulated", detail: null, roundTripMs: null, overlayHeardAt: null }),
  peers: () => {},
  peerPaths: () => [],
  close: async () => {},
};
