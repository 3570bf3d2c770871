import type { DesiredNetwork, DesiredNic } from "@indium/contract/network";
import { netmaskOf } from "@indium/domain/ip";
import { json, type Reply, text } from "./reply";
import { type Tree, walk } from "./tree";
import type { GuestDocument } from "./types";
import { renderVendorCloudConfig } from "./vendor-data";

/**
 * DigitalOcean's metadata: one JSON document for cloud-init (sources/helpers/digitalocean.py), and the same things as files, as
 * Ignition and scripts ask for them. A guest needs no DHCP for it: it takes a link-local address of its own choice, asks once, and sets
 * up what it was told. `path` is what follows `/metadata`, without slashes at its ends.
 */
export function renderDigitalOcean(document: GuestDocument, path: string): Reply | null {
  if (path === "") return text("v1.json\nv1/");
  if (path === "v1.json") return json(renderDocument(document), { isMetadata: true });
  const [version, ...rest] = path.split("/");
  const found = version === "v1" ? walk(files(document), rest) : null;
  // What a configuration asks for is its own data, not the guest's name: like EC2's user-data.
  return found === null ? null : text(found, { isMetadata: rest[0] === "id" || rest[0] === "hostname" });
}

function renderDocument(document: GuestDocument): object {
  const { instance, networks, secrets } = document;
  const { hostname, sshKeys, tags, availabilityZone } = instance.metadata;
  return {
    // A number, as others than cloud-init insist on (Afterburn); the firmware's serial is the same.
    droplet_id: dropletId(instance.guestUuid),
    hostname,
    vendor_data: renderVendorCloudConfig(secrets?.passwordHash ?? null),
    ...(secrets?.userData === undefined ? {} : { user_data: secrets.userData }),
    public_keys: sshKeys.map(({ key }) => key.trim()),
    region: availabilityZone,
    interfaces: interfaces(document),
    dns: { nameservers: nameservers(networks) },
    tags: Object.entries(tags).map(([name, value]) => (value === "" ? name : `${name}:${value}`)),
    features: { dhcp_enabled: false },
  };
}

const nameservers = (networks: readonly DesiredNetwork[]): string[] => [...new Set(networks.flatMap((network) => network.dnsServers))];

type Kind = "public" | "private";
interface Interface {
  mac: string;
  type: Kind;
  ipv4?: { ip_address: string; netmask: string; gateway?: string };
  ipv6?: { ip_address: string; cidr: number; gateway?: string };
}

/**
 * "Public" is what has a way out: cloud-init takes the gateway of those alone, and of each kind only the first interface. Others
 * are listed all the same.
 */
function interfaces({ instance }: GuestDocument): Partial<Record<Kind, Interface[]>> {
  const described = instance.nics.map(describe);
  const of = (kind: Kind): Interface[] => described.filter((each) => each.type === kind);
  return Object.fromEntries((["public", "private"] as const).flatMap((kind) => (of(kind).length > 0 ? [[kind, of(kind)]] : [])));
}

function describe(nic: DesiredNic): Interface {
  const { ipv4, ipv6 } = nic;
  return {
    mac: nic.macAddress,
    type: (ipv4?.gateway ?? ipv6?.gateway ?? null) === null ? "private" : "public",
    ...(ipv4 === null
      ? {}
      : { ipv4: { ip_address: ipv4.address, netmask: netmaskOf(4, ipv4.prefixLength), ...(ipv4.gateway && { gateway: ipv4.gateway }) } }),
    ...(ipv6 === null
      ? {}
      : { ipv6: { ip_address: ipv6.address, cidr: ipv6.prefixLength, ...(ipv6.gateway && { gateway: ipv6.gateway }) } }),
  };
}

function files(document: GuestDocument): Tree {
  const { instance, networks, secrets } = document;
  const { hostname, sshKeys, availabilityZone } = instance.metadata;
  return {
    id: String(dropletId(instance.guestUuid)),
    hostname,
    ...(secrets?.userData === undefined ? {} : { "user-data": secrets.userData }),
    "vendor-data": renderVendorCloudConfig(secrets?.passwordHash ?? null),
    "public-keys": sshKeys.map(({ key }) => key.trim()).join("\n"),
    region: availabilityZone,
    interfaces: Object.fromEntries(
      Object.entries(interfaces(document)).map(([kind, list]) => [
        kind,
        Object.fromEntries(list.map((each, index) => [String(index), interfaceFiles(each)])),
      ]),
    ),
    dns: { nameservers: nameservers(networks).join("\n") },
  };
}

function interfaceFiles({ mac, type, ipv4, ipv6 }: Interface): Tree {
  const withoutGaps = (given: Record<string, string | number | undefined>): Tree =>
    Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
  return {
    mac,
    type,
    ...(ipv4 === undefined ? {} : { ipv4: withoutGaps({ address: ipv4.ip_address, netmask: ipv4.netmask, gateway: ipv4.gateway }) }),
    ...(ipv6 === undefined ? {} : { ipv6: withoutGaps({ address: ipv6.ip_address, cidr: ipv6.cidr, gateway: ipv6.gateway }) }),
  };
}

/** DigitalOcean's ids are positive 32-bit numbers; this one changes whenever the guest's uuid does. */
export function dropletId(guestUuid: string): number {
  return Number.parseInt(guestUuid.slice(0, 8), 16) & 0x7fff_ffff || 1;
}
