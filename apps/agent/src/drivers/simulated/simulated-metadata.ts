import type { InstanceId } from "@indium/contract/ids";
import type { GuestDocument, GuestEvent, MetadataService } from "../../metadata/types";
import type { SimulatedMachine } from "./simulated-machine";

/** Listens to simulated guests, who need nobody to answer them. */
export class SimulatedMetadataService implements MetadataService {
  readonly documents = new Map<InstanceId, GuestDocument>();
  readonly #machine: SimulatedMachine;
  readonly #fetched = new Set<InstanceId>();

  constructor(machine: SimulatedMachine) {
    this.#machine = machine;
  }

  setDocument(document: GuestDocument): void {
    this.documents.set(document.instance.id, document);
  }

  removeDocument(id: InstanceId): void {
    this.documents.delete(id);
    this.#fetched.delete(id);
  }

  attach(): void {}

  detach(): Promise<void> {
    return Promise.resolve();
  }

  refusals(): Readonly<Record<string, never>> {
    return {};
  }

  onGuestEvent(listener: (instanceId: InstanceId, event: GuestEvent) => void): () => void {
    return this.#machine.onGuestEvent((id, event) => {
      if (event.kind === "metadataFetched") {
        if (this.#fetched.has(id)) return;
        this.#fetched.add(id);
      }
      listener(id, event);
    });
  }

  beginBoot(id: InstanceId): void {
    this.#fetched.delete(id);
  }
}
