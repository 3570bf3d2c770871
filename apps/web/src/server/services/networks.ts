import { NetworkView } from "@indium/contract/api/catalogue-views";
import { AppError, WireError } from "@indium/contract/errors";
import { HostFacts } from "@indium/contract/host";
import { newId } from "@indium/contract/plain/ids";
import { type Cidr, cidrContains, cidrOf, cidrsOverlap, formatCidr, formatIp, nthAddress, parseCidr, parseIp } from "@indium/domain/ip";
import type { Prisma } from "../../generated/prisma/client";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { type Acting, auditBy } from "./audit";
import { touchHost } from "./host-documents";
import { lanColumns } from "./network-lan";
import { chooseSubnet } from "./placement-network";

const INCLUDE = { host: { select: { name: true } }, _count: { select: { nics: { where: { instance: { deletedAt: null } } } } } } as const;
type Row = Prisma.NetworkGetPayload<{ include: typeof INCLUDE }>;

export async function listNetworks(db: Db, organizationId: string): Promise<NetworkView[]> {
  const rows = await db.network.findMany({
    where: { organizationId, deletedAt: null },
    include: INCLUDE,
    orderBy: [{ host: { name: "asc" } }, { name: "asc" }],
  });
  return rows.map(viewOf);
}

export interface NewNetwork {
  readonly hostId: string;
  readonly name: string;
  readonly kind: "nat" | "bridge" | "isolated";
  /** For `nat` and `isolated`; null: a free one is chosen. */
  readonly ipv4Cidr: string | null;
  /** For `bridge`: a bridge that is there on the host, … */
  readonly bridgeInterface: string | null;
  /** … or an interface of which the host makes one. */
  readonly uplinkInterface: string | null;
  /** With `bridgeInterface`: one VLAN of it; null: its untagged LAN. */
  readonly vlanId: number | null;
}

/** @throws AppError with the form's `field`. */
export async function createNetwork(acting: Acting, organizationId: string, input: NewNetwork): Promise<NetworkView> {
  const row = await acting.db.$transaction(async (tx) => {
    // Locks the host's row: two networks made at once see each other's ranges.
    await touchHost(tx, input.hostId);
    const host = await tx.host.findUniqueOrThrow({ where: { id: input.hostId }, select: { name: true, facts: true, revokedAt: true } });
    if (host.revokedAt !== null) throw new AppError("host_revoked", `Host ${host.name} was removed.`, { field: "hostId" });
    const others = await tx.network.findMany({ where: { hostId: input.hostId, deletedAt: null } });
    if (others.some((other) => other.name === input.name))
      throw new AppError("already_exists", `Host ${host.name} has a network named ${input.name} already. Choose another name.`, {
        field: "name",
      });
    const facts = HostFacts.safeParse(host.facts).data ?? null;
    const columns =
      input.kind === "bridge"
        ? lanColumns(input, host.name, facts, others)
        : await rangeColumns(tx, organizationId, input, host.name, facts, others);
    const created = await tx.network.create({
      data: { id: newId("network"), organizationId, hostId: input.hostId, name: input.name, kind: input.kind, dnsServers: [], ...columns },
      include: INCLUDE,
    });
    await auditBy(tx, acting, {
      organizationId,
      action: "network.create",
      target: { kind: "network", id: created.id },
      detail: {
        name: input.name,
        kind: input.kind,
        hostId: input.hostId,
        ipv4Cidr: created.ipv4Cidr,
        bridgeInterface: created.bridgeInterface,
        uplinkInterface: created.uplinkInterface,
        vlanId: created.vlanId,
      },
    });
    await publishChange(tx, { organizationId, resource: "network", id: created.id });
    return created;
  });
  return viewOf(row);
}

/** @throws AppError `precondition_failed` while instances are on it, or when it is the host's own. */
export async function deleteNetwork(acting: Acting, organizationId: string, networkId: string): Promise<void> {
  await acting.db.$transaction(async (tx) => {
    const { hostId } = await tx.network.findUniqueOrThrow({ where: { id: networkId }, select: { hostId: true } });
    await touchHost(tx, hostId);
    const network = await tx.network.findUniqueOrThrow({ where: { id: networkId }, include: INCLUDE });
    if (network.deletedAt !== null) return;
    if (network.isDefault)
      throw new AppError(
        "precondition_failed",
        `${network.name} is the network that host ${network.host.name} gives to instances by itself. It stays.`,
      );
    if (network._count.nics > 0)
      throw new AppError("precondition_failed", `${network._count.nics} instances are on ${network.name}. Delete them first.`);
    await tx.network.update({ where: { id: networkId }, data: { deletedAt: acting.now() } });
    await auditBy(tx, acting, {
      organizationId,
      action: "network.delete",
      target: { kind: "network", id: networkId },
      detail: { name: network.name },
    });
    await publishChange(tx, { organizationId, resource: "network", id: networkId });
  });
}

type Columns = {
  ipv4Cidr: string | null;
  ipv4Gateway: string | null;
  bridgeInterface: string | null;
  uplinkInterface: string | null;
  vlanId: number | null;
};

/** RFC 1918 and the shared space of RFC 6598: what a guest reaches behind NAT must not hide the internet's own addresses. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].flatMap((text) => parseCidr(text) ?? []);

async function rangeColumns(
  tx: Tx,
  organizationId: string,
  input: NewNetwork,
  hostName: string,
  facts: HostFacts | null,
  others: readonly { name: string; ipv4Cidr: string | null }[],
): Promise<Columns> {
  const addresses = facts?.nics.flatMap((nic) => nic.addresses) ?? [];
  if (input.ipv4Cidr === null) {
    const everywhere = await tx.network.findMany({ where: { organizationId, deletedAt: null }, select: { ipv4Cidr: true } });
    return withGateway(chooseSubnet(input.hostId, [...everywhere, ...others].flatMap((other) => other.ipv4Cidr ?? []).concat(addresses)));
  }
  const field = "ipv4Cidr";
  const cidr = parseCidr(input.ipv4Cidr);
  if (cidr === null || cidr.family !== 4) throw new AppError("bad_request", "Give a range like 10.20.0.0/24.", { field });
  if (formatCidr(cidr) !== input.ipv4Cidr)
    throw new AppError("bad_request", `${input.ipv4Cidr} is an address inside a range. The range itself is ${formatCidr(cidr)}.`, {
      field,
    });
  if (cidr.prefixLength < 16 || cidr.prefixLength > 29) throw new AppError("bad_request", "Use a prefix between /16 and /29.", { field });
  if (!PRIVATE.some((space) => cidrContains(space, { family: 4, value: cidr.network })))
    throw new AppError("bad_request", "Use a private range: inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10.", { field });
  const other = others.find((each) => overlaps(cidr, each.ipv4Cidr));
  if (other)
    throw new AppError("conflict", `${input.ipv4Cidr} overlaps the network ${other.name} (${other.ipv4Cidr}). Choose another range.`, {
      field,
    });
  const own = addresses.find((address) => overlaps(cidr, address));
  if (own)
    throw new AppError("conflict", `${input.ipv4Cidr} overlaps an address of host ${hostName} itself (${own}). Choose another range.`, {
      field,
    });
  return withGateway(cidr);
}

function withGateway(cidr: Cidr): Columns {
  const gateway = nthAddress(cidr, 1);
  return {
    ipv4Cidr: formatCidr(cidr),
    ipv4Gateway: gateway === null ? null : formatIp(gateway),
    bridgeInterface: null,
    uplinkInterface: null,
    vlanId: null,
  };
}

/** `other`: a range, or an address with or without its prefix, as hosts report their own. */
function overlaps(cidr: Cidr, other: string | null): boolean {
  if (other === null) return false;
  const address = other.includes("/") ? null : parseIp(other);
  const range = address === null ? parseCidr(other) : cidrOf(address, address.family === 4 ? 32 : 128);
  return range !== null && cidrsOverlap(cidr, range);
}

function viewOf(row: Row): NetworkView {
  return NetworkView.parse({
    id: row.id,
    name: row.name,
    kind: row.kind,
    hostId: row.hostId,
    hostName: row.host.name,
    ipv4Cidr: row.ipv4Cidr,
    ipv4Gateway: row.ipv4Gateway,
    ipv6Cidr: row.ipv6Cidr,
    bridgeInterface: row.bridgeInterface,
    uplinkInterface: row.uplinkInterface,
    vlanId: row.vlanId,
    isDefault: row.isDefault,
    nicCount: row._count.nics,
    state: row.state,
    error: row.error === null ? null : (WireError.safeParse(row.error).data ?? null),
  });
}
