import { Socket as DatagramSocket } from "node:dgram";
import { access } from "node:fs/promises";
import { Server } from "node:net";
import { AppError } from "@indium/contract/errors";
import type { NicSockets } from "../metadata/types";
import { removeFile } from "../system/files";
import { type BindRequest, listenInNamespace } from "./bind-helper";
import { type HostShell, namespaceInode, namespacePath } from "./host-shell";
import { DHCP_TAP_PORT } from "./learned-rules";
import { METADATA_IPV4, METADATA_IPV6, METADATA_MAC } from "./nic-rules";

/** The service's end of the pair, inside the namespace. */
const INNER = "eth0";

/** Makes the namespace anew, also where only its name is left (a mount lost with the mount namespace it was made in). */
export async function makeNamespace(shell: HostShell, namespace: string): Promise<void> {
  await deleteNamespace(shell, namespace);
  const added = await shell.netns("add", namespace);
  if (added.code !== 0) {
    throw new AppError("network_failed", `The network namespace ${namespace} could not be made on this host.`, { detail: added.stderr });
  }
}

export async function deleteNamespace(shell: HostShell, namespace: string): Promise<void> {
  if ((await namespaceInode(namespace)) === null) return;
  const result = await shell.netns("del", namespace);
  if (result.code !== 0) await removeFile(namespacePath(namespace));
}

/** False on a kernel started with `ipv6.disable=1`: then the service speaks IPv4 only. */
const kernelHasIpv6 = (): Promise<boolean> =>
  access("/proc/sys/net/ipv6").then(
    () => true,
    () => false,
  );

/** Addresses of the service; running it again changes nothing. `nodad`: a link-local address of its own link has no rival. */
export async function configureNamespace(shell: HostShell, namespace: string, mtu: number): Promise<void> {
  const ipv6 = await kernelHasIpv6();
  await shell.ipBatch(
    [
      "link set lo up",
      `link set ${INNER} address ${METADATA_MAC} mtu ${mtu}${ipv6 ? " addrgenmode none" : ""}`,
      `addr replace ${METADATA_IPV4}/32 dev ${INNER}`,
      `link set ${INNER} up`,
      ...(ipv6 ? [`addr replace ${METADATA_IPV6}/64 dev ${INNER} nodad`] : []),
      // Guests have any address: all of them are on this link.
      `route replace default dev ${INNER} scope link`,
    ],
    namespace,
  );
}

/** Answers the guest's DHCP, or listens to copies of what passes between it and its LAN's server. */
export type DhcpRole = "answer" | "listen" | null;

/**
 * @param options.ready when the namespace has its addresses
 * @throws AppError `network_failed`
 */
export async function bindNicSockets(
  namespace: string,
  options: { dhcp: DhcpRole; ready: Promise<void> },
): Promise<NicSockets & { readonly copies: DatagramSocket | null }> {
  const wanted: BindRequest[] = [
    { id: "http4", type: "tcp", host: METADATA_IPV4, port: 80 },
    ...((await kernelHasIpv6()) ? [{ id: "http6", type: "tcp", host: `${METADATA_IPV6}%${INNER}`, port: 80 } as const] : []),
    ...(options.dhcp === null
      ? []
      : [{ id: "dhcp", type: "udp4", host: "0.0.0.0", port: options.dhcp === "answer" ? 67 : DHCP_TAP_PORT } as const]),
  ];
  const sockets = [...(await listenInNamespace(namespace, wanted, options.ready)).values()];
  const datagram = sockets.find((socket): socket is DatagramSocket => socket instanceof DatagramSocket) ?? null;
  return {
    http: sockets.filter((socket): socket is Server => socket instanceof Server),
    dhcp: options.dhcp === "answer" ? datagram : null,
    copies: options.dhcp === "listen" ? datagram : null,
  };
}
