import { createHash, randomBytes } from "node:crypto";
import { AppError } from "@indium/contract/errors";
import { HostFacts } from "@indium/contract/host";
import { newId } from "@indium/contract/plain/ids";
import { type Cidr, cidrOf, cidrsOverlap, formatCidr, formatIp, nextFreeAddress, nthAddress, parseCidr, parseIp } from "@indium/domain/ip";
import { macAddressFrom } from "@indium/domain/mac-address";
import type { Prisma } from "../../generated/prisma/client";
import type { Tx } from "../db";

type NetworkRow = Prisma.NetworkGetPayload<Record<string, never>>;

/** Where other programs put their own: home routers, Podman, k3s, Kubernetes' services, Flannel. */
const AVOIDED = ["10.0.0.0/16", "10.1.0.0/16", "10.8.0.0/16", "10.42.0.0/15", "10.88.0.0/16", "10.96.0.0/12", "10.244.0.0/16"].flatMap(
  (text) => parseCidr(text) ?? [],
);

/**
 * The host's own NAT network, made when its first instance is. Its /24 overlaps no other network of the organization and nothing
 * the host itself is on. The caller holds the organization's placement lock.
 */
export async function ensureDefaultNetwork(tx: Tx, hostId: string): Promise<NetworkRow> {
  const found = await tx.network.findFirst({ where: { hostId, isDefault: true, deletedAt: null } });
  if (found !== null) return found;
  const host = await tx.host.findUniqueOrThrow({ where: { id: hostId }, select: { organizationId: true, facts: true } });
  const others = await tx.network.findMany({
    where: { deletedAt: null, OR: [{ hostId }, { organizationId: host.organizationId }] },
    select: { ipv4Cidr: true },
  });
  const facts = HostFacts.safeParse(host.facts);
  const addresses = facts.success ? facts.data.nics.flatMap((nic) => nic.addresses) : [];
  const cidr = chooseSubnet(hostId, [...others.flatMap((other) => other.ipv4Cidr ?? []), ...addresses]);
  const gateway = nthAddress(cidr, 1);
  if (gateway === null) throw new AppError("internal", "The new network has no gateway address.");
  return tx.network.create({
    data: {
      id: newId("network"),
      organizationId: host.organizationId,
      hostId,
      name: "nat",
      kind: "nat",
      ipv4Cidr: formatCidr(cidr),
      ipv4Gateway: formatIp(gateway),
      // None of its own: the host gives those it asks itself, which also work where there is no internet.
      dnsServers: [],
      isDefault: true,
    },
  });
}

/** A free 10.x.y.0/24, searched from a place of the host's own, so that two hosts rarely get the same even across organizations. */
export function chooseSubnet(hostId: string, taken: readonly string[]): Cidr {
  const used = [...AVOIDED, ...taken.flatMap((text) => asCidr(text) ?? [])];
  const start = createHash("sha256").update(hostId).digest().readUInt16BE(0);
  for (let step = 0; step < 65_536; step++) {
    const index = (start + step) % 65_536;
    const cidr = cidrOf({ family: 4, value: (10n << 24n) | (BigInt(index) << 8n) }, 24);
    if (!used.some((other) => cidrsOverlap(cidr, other))) return cidr;
  }
  throw new AppError(
    "no_capacity",
    "There is no free 10.x.y.0/24 left for a NAT network. Delete a network, or name one with its own range.",
  );
}

function asCidr(text: string): Cidr | null {
  if (text.includes("/")) return parseCidr(text);
  const address = parseIp(text);
  return address === null ? null : cidrOf(address, address.family === 4 ? 24 : 64);
}

/**
 * The instance's first NIC: on a NAT or isolated network, or a bridge with a declared range, an address is assigned; on a plain LAN bridge it is
 * learned from the LAN's own DHCP.
 * @throws AppError `no_capacity` when the range is used up.
 */
export async function allocateNic(tx: Tx, network: NetworkRow): Promise<Omit<Prisma.NicUncheckedCreateInput, "instanceId">> {
  const common = { id: newId("nic"), networkId: network.id, position: 0, macAddress: macAddressFrom(randomBytes(5)) };
  if (network.ipv4Cidr === null) return { ...common, addressMode: network.kind === "bridge" ? "learned" : "assigned" };
  const cidr = parseCidr(network.ipv4Cidr);
  if (cidr === null) throw new AppError("internal", `Network ${network.name} has no usable range.`, { internal: network.ipv4Cidr });
  const nics = await tx.nic.findMany({ where: { networkId: network.id, ipv4: { not: null } }, select: { ipv4: true } });
  const taken = [...nics.flatMap((nic) => nic.ipv4 ?? []), ...(network.ipv4Gateway === null ? [] : [network.ipv4Gateway])];
  // The first addresses stay free for what people set by hand.
  const from = nthAddress(cidr, 10);
  const free = (from === null ? null : nextFreeAddress(cidr, taken, from)) ?? nextFreeAddress(cidr, taken);
  if (free === null)
    throw new AppError(
      "no_capacity",
      `Network ${network.name} (${network.ipv4Cidr}) has no free address left. Delete an instance, or use another network.`,
      {
        field: "networkId",
      },
    );
  return { ...common, addressMode: "assigned", ipv4: formatIp(free) };
}
