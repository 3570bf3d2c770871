import type { DesiredPeer, PeerPath } from "@indium/contract/direct";
import type { HostPath } from "@indium/contract/overlay";
import type { ReportBody } from "@indium/contract/report";
import type { KeyPair } from "@indium/tunnel/keys";
import type { ReadyLink } from "../link/connection";
import type { Log } from "../system/log";

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
  readonly report: (body: ReportBody) => void;
}

/** A host without a machine of its own. */
export const simulatedOverlay: HostOverlay = {
  ready: () => {},
  path: () => ({ kind: "websocket", reason: "simulated", detail: null, roundTripMs: null, overlayHeardAt: null }),
  peers: () => {},
  peerPaths: () => [],
  close: async () => {},
};
