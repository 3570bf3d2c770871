import type { InstanceId, NicId } from "@indium/contract/ids";
import type { DesiredNic } from "@indium/contract/network";
import type { MetadataService } from "../metadata/types";
import { type HostShell, type Link, namespaceInode } from "./host-shell";
import type { NicNames } from "./names";
import { bindNicSockets, configureNamespace } from "./nic-namespace";

/** What the sockets now attached were bound for; anything else means binding anew. */
interface Binding {
  readonly instanceId: InstanceId;
  readonly namespaceInode: number | null;
  readonly dhcp: boolean;
}

const BIND_ATTEMPTS = 5;
const BIND_RETRY_MS = 200;

/** Which NICs' sockets this process holds. Whoever makes a NIC's pair or namespace anew releases them first. */
export class NicServices {
  readonly #shell: HostShell;
  readonly #metadata: MetadataService;
  readonly #bindings = new Map<NicId, Binding>();

  constructor(shell: HostShell, metadata: MetadataService) {
    this.#shell = shell;
    this.#metadata = metadata;
  }

  /** `inner`: the namespace's end of the pair as it is now. */
  async ensure(nic: DesiredNic, names: NicNames, mtu: number, instanceId: InstanceId, inner: Link | null): Promise<void> {
    const bound = this.#bindings.get(nic.id);
    if (bound === undefined || inner?.up !== true || inner.mtu !== mtu) await configureNamespace(this.#shell, names, mtu);
    const wanted: Binding = {
      instanceId,
      namespaceInode: await namespaceInode(names.namespace),
      dhcp: nic.addressMode === "assigned" && nic.ipv4 !== null,
    };
    if (
      bound !== undefined &&
      bound.instanceId === wanted.instanceId &&
      bound.namespaceInode === wanted.namespaceInode &&
      bound.dhcp === wanted.dhcp
    ) {
      return;
    }
    await this.release(nic.id);
    this.#metadata.attach(nic.id, instanceId, await bindWithPatience(names.namespace, wanted.dhcp));
    this.#bindings.set(nic.id, wanted);
  }

  async release(id: NicId): Promise<void> {
    this.#bindings.delete(id);
    await this.#metadata.detach(id);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#bindings.keys()].map((id) => this.release(id)));
  }
}

/** An agent that was killed a moment ago may still be giving its sockets back. */
async function bindWithPatience(namespace: string, dhcp: boolean): ReturnType<typeof bindNicSockets> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await bindNicSockets(namespace, { dhcp });
    } catch (error) {
      if (attempt === BIND_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, BIND_RETRY_MS));
    }
  }
}
