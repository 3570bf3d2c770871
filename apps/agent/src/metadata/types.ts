import type { Socket as DatagramSocket } from "node:dgram";
import type { Server } from "node:net";
import type { InstanceId, NicId } from "@indium/contract/ids";
import type { DesiredInstance, GuestSecrets } from "@indium/contract/instance";
import type { DesiredNetwork } from "@indium/contract/network";
import type { Refusal } from "@indium/domain/nic-counters";

/** What the metadata service answers from; the reconciler sets it before the VM starts and at each live change. */
export interface GuestDocument {
  readonly instance: DesiredInstance;
  readonly networks: readonly DesiredNetwork[];
  /** Opened from the sealed box; null once sealed after first boot. Dialects take it as it is: see secret-gate.ts. */
  readonly secrets: GuestSecrets | null;
  /** When they are withheld at the latest, ms since the epoch; absent: not limited yet. For the gate alone. */
  readonly secretsUntil?: number;
}

/** The sockets that a short-lived helper bound inside the NIC's namespace. */
export interface NicSockets {
  readonly http: readonly Server[];
  readonly dhcp: DatagramSocket | null;
}

export type GuestEvent =
  /** The first request of this boot that asked for metadata. */
  | { readonly kind: "metadataFetched"; readonly userAgent: string | null }
  /** cloud-init's reporting webhook (cloudinit/reporting/handlers.py WebHookHandler). */
  | {
      readonly kind: "stage";
      readonly name: string;
      readonly phase: "start" | "finish";
      readonly result: "SUCCESS" | "WARN" | "FAIL" | null;
      readonly description: string;
      /** Seconds since the epoch by the guest's clock; not trusted for order. */
      readonly timestamp: number | null;
      readonly detail: string | null;
    }
  | { readonly kind: "phoneHome" };

export interface MetadataService {
  setDocument(document: GuestDocument): void;
  removeDocument(id: InstanceId): void;
  attach(nicId: NicId, instanceId: InstanceId, sockets: NicSockets): void;
  detach(nicId: NicId): Promise<void>;
  /** What the guest on this NIC was refused since the service serves it, by the names of `REFUSALS` in domain/nic-counters. */
  refusals(nicId: NicId): Readonly<Partial<Record<Refusal, number>>>;
  onGuestEvent(listener: (instanceId: InstanceId, event: GuestEvent) => void): () => void;
  /** Forgets what was fetched, so that the next fetch counts as a new boot's first. */
  beginBoot(id: InstanceId): void;
}
