import type { HostFacts } from "@indium/contract/host";
import type { Hypervisor } from "../drivers/types";
import type { MetadataService } from "../metadata/types";
import type { NetworkManager } from "../network/types";
import type { ImageStore, VolumeStore } from "../storage/types";

/** What differs between a real and a simulated host. */
export interface HostParts {
  readonly hypervisor: Hypervisor;
  readonly networks: NetworkManager;
  readonly images: ImageStore;
  readonly volumes: VolumeStore;
  readonly metadata: MetadataService;
  facts(): Promise<HostFacts>;
}
