import type { HostFacts } from "@indium/contract/host";
import type { Hypervisor } from "../drivers/types";
import type { LinkObserver } from "../link/link-witness";
import type { MetadataService } from "../metadata/types";
import type { NetworkManager } from "../network/types";
import type { HostOverlay, OverlayWiring } from "../overlay/host-overlay";
import type { ImageStore, VolumeStore } from "../storage/types";
import type { HostCounters } from "./host-counters";

/** What differs between a real and a simulated host. */
export interface HostParts {
  readonly hypervisor: Hypervisor;
  readonly networks: NetworkManager;
  readonly images: ImageStore;
  readonly volumes: VolumeStore;
  readonly metadata: MetadataService;
  /** Told of the link by the agent; changes to the host's own network ask it for proof. */
  readonly link: LinkObserver;
  /** The way to the relay beside the websocket. */
  overlay(wiring: OverlayWiring): Promise<HostOverlay>;
  facts(): Promise<HostFacts>;
  counters(): Promise<HostCounters>;
}
