import type { DesiredImage } from "@indium/contract/image";
import type { DesiredInstance, GuestSecrets } from "@indium/contract/instance";
import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import type { ReportBody } from "@indium/contract/report";
import type { Hypervisor } from "../drivers/types";
import type { Ledger } from "../ledger/ledger";
import type { MetadataService } from "../metadata/types";
import type { ImageStore, VolumeStore } from "../storage/types";
import type { Clock } from "../system/clock";
import type { Log } from "../system/log";

/** What an instance's driver works with. */
export interface InstancePorts {
  readonly hypervisor: Hypervisor;
  readonly images: ImageStore;
  readonly volumes: VolumeStore;
  readonly networks: InstanceNetworks;
  readonly metadata: MetadataService;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  /** The host's name, for messages. */
  readonly hostname: string;
  report(body: ReportBody): void;
  /** @throws AppError when the box is not for this host or this instance. */
  openSecrets(instance: DesiredInstance): GuestSecrets | null;
  image(id: DesiredImage["id"]): DesiredImage | null;
}

/** The host's networks as one instance needs them: made together with its NICs, reported once per network. */
export interface InstanceNetworks {
  /** @throws AppError `network_failed`. */
  connect(nic: DesiredNic, instance: DesiredInstance): Promise<{ nicId: string; interfaceName: string; macAddress: string }>;
  disconnect(id: DesiredNic["id"]): Promise<void>;
  describe(nics: readonly DesiredNic[]): readonly DesiredNetwork[];
  probeSsh(nic: DesiredNic, timeoutMs: number): Promise<boolean>;
  /** What the LAN's DHCP server gave, where it is the one to give addresses. */
  learnedAddress(id: DesiredNic["id"]): string | null;
}
