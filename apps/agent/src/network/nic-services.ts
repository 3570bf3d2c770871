import type { Socket as DatagramSocket } from "node:dgram";
import type { InstanceId, NicId } from "@indium/contract/ids";
import type { DesiredNic } from "@indium/contract/network";
import { closeDatagram } from "../metadata/nic-attachment";
import type { MetadataService } from "../metadata/types";
import { type HostShell, type Link, namespaceInode } from "./host-shell";
import { type LeaseNews, listenForLeases } from "./lease-snoop";
import { bindNicSockets, configureNamespace, type DhcpRole } from "./nic-namespace";

/** What the sockets now attached were bound for; anything else means binding anew. */
interface Binding {
  readonly instanceId: InstanceId;
  readonly namespaceInode: number | null;
  readonly dhcp: DhcpRole;
  readonly copies: DatagramSocket | null;
}

const BIND_ATTEMPTS = 5;
const BIND_RETRY_MS = 200;

/** Which NICs' sockets this process holds. Whoever makes a NIC's pair or namespace anew releases them first. */
export class NicServices {
  readonly #shell: HostShell;
  readonly #metadata: MetadataService;
  readonly #onLeaseNews: (id: NicId, news: LeaseNews) => void;
  readonly #bindings = new Map<NicId, Binding>();

  constructor(shell: HostShell, metadata: MetadataService, onLeaseNews: (id: NicId, news: LeaseNews) => void) {
    this.#shell = shell;
    this.#metadata = metadata;
    this.#onLeaseNews = onLeaseNews;
  }

  /** `inner`: the namespace's end of the pair as it is once the pair is there. */
  async ensure(nic: DesiredNic, namespace: string, mtu: number, instanceId: InstanceId, inner: Promise<Link | null>): Promise<void> {
    const bound = this.#bindings.get(nic.id);
    const ready = inner.then((link) => {
      const stands = bound !== undefined && link?.up === true && link.mtu === mtu;
      return stands ? undefined : configureNamespace(this.#shell, namespace, mtu);
    });
    // Awaited below; a failure in the meantime is no stray one.
    ready.catch(() => {});
    const wanted: Omit<Binding, "copies"> = {
      instanceId,
      namespaceInode: await namespaceInode(namespace),
      dhcp: nic.addressMode === "learned" ? "listen" : nic.ipv4 !== null ? "answer" : null,
    };
    if (
      bound !== undefined &&
      bound.instanceId === wanted.instanceId &&
      bound.namespaceInode === wanted.namespaceInode &&
      bound.dhcp === wanted.dhcp
    ) {
      return ready;
    }
    await Promise.all([bound === undefined ? null : ready, this.release(nic.id)]);
    const { copies, ...sockets } = await bindWithPatience(namespace, wanted.dhcp, ready);
    this.#metadata.attach(nic.id, instanceId, sockets);
    if (copies !== null) listenForLeases(copies, nic.macAddress, { now: Date.now, onNews: (news) => this.#onLeaseNews(nic.id, news) });
    this.#bindings.set(nic.id, { ...wanted, copies });
  }

  async release(id: NicId): Promise<void> {
    const copies = this.#bindings.get(id)?.copies ?? null;
    this.#bindings.delete(id);
    await Promise.all([this.#metadata.detach(id), copies === null ? null : closeDatagram(copies)]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#bindings.keys()].map((id) => this.release(id)));
  }
}

/** An agent that was killed a moment ago may still be giving its sockets back. */
async function bindWithPatience(namespace: string, dhcp: DhcpRole, ready: Promise<void>): ReturnType<typeof bindNicSockets> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await bindNicSockets(namespace, { dhcp, ready });
    } catch (error) {
      // What keeps the namespace from being ready is not mended by binding again.
      await ready;
      if (attempt === BIND_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, BIND_RETRY_MS));
    }
  }
}
