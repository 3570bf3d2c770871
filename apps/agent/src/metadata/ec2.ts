import type { DesiredNic } from "@indium/contract/network";
import { formatCidr, parseCidr } from "@indium/domain/ip";
import { json, type Reply, text } from "./reply";
import type { GuestDocument } from "./types";

/** EC2's versions that tools ask for; `latest` beside them. */
export const EC2_VERSIONS = ["2009-04-04", "2016-09-02", "2018-09-24", "2021-03-23", "latest"] as const;

/** A directory lists its entries, those that are directories with a slash behind them. */
type Tree = { readonly [name: string]: string | Tree };

/** `version` is the path's first part, `path` what follows it, without slashes at its ends. */
export function renderEc2(document: GuestDocument, path: string): Reply | null {
  const [area, ...rest] = path.split("/");
  switch (area) {
    case "":
      return text(["dynamic", "meta-data", ...(document.secrets?.userData === undefined ? [] : ["user-data"])].join("\n"));
    case "meta-data": {
      const found = renderPublicKeys(document, rest) ?? walk(metaData(document), rest);
      return found === null ? null : text(found, { isMetadata: true });
    }
    case "user-data":
      return rest.length > 0 || document.secrets?.userData === undefined ? null : text(document.secrets.userData);
    case "dynamic": {
      if (rest.join("/") === "instance-identity/document") return json(identity(document), { isMetadata: true });
      const found = walk({ "instance-identity": { document: "" } }, rest);
      return found === null || found === "" ? null : text(found);
    }
    default:
      return null;
  }
}

function walk(tree: Tree, path: readonly string[]): string | null {
  let at: string | Tree = tree;
  for (const part of path) {
    if (typeof at === "string" || !Object.hasOwn(at, part)) return null;
    const next: string | Tree | undefined = at[part];
    if (next === undefined) return null;
    at = next;
  }
  if (typeof at === "string") return at;
  return Object.entries(at)
    .map(([name, value]) => (typeof value === "string" ? name : `${name}/`))
    .join("\n");
}

/** The one directory whose listing is not its entries: `0=name`. */
function renderPublicKeys({ instance }: GuestDocument, path: readonly string[]): string | null {
  const keys = instance.metadata.sshKeys;
  if (path[0] !== "public-keys" || keys.length === 0) return null;
  if (path.length === 1) return keys.map((_key, index) => `${index}=key${index}`).join("\n");
  const key = /^\d{1,3}$/.test(path[1] ?? "") ? keys[Number(path[1])] : undefined;
  if (key === undefined || path.length > 3) return null;
  if (path.length === 2) return "openssh-key";
  return path[2] === "openssh-key" ? key.key.trim() : null;
}

function metaData({ instance, networks }: GuestDocument): Tree {
  const first = instance.nics[0];
  const { hostname, tags, availabilityZone, sshKeys } = instance.metadata;
  const macs = Object.fromEntries(
    instance.nics.map((nic, index) => [
      nic.macAddress,
      interfaceTree(nic, index, networks.find((network) => network.id === nic.networkId)?.mtu),
    ]),
  );
  return {
    "ami-id": instance.rootVolume.imageId,
    hostname,
    // cloud-init runs again when this changes, and it changes at a rebuild; `id` would not.
    "instance-id": instance.guestUuid,
    "instance-type": `${instance.vcpus}x${Math.round(instance.memoryBytes / (1024 * 1024))}`,
    "local-hostname": hostname,
    ...(first === undefined ? {} : { mac: first.macAddress }),
    ...(first?.addressMode === "assigned" && first.ipv4 !== null ? { "local-ipv4": first.ipv4.address } : {}),
    ...(first?.addressMode === "assigned" && first.ipv6 !== null ? { ipv6: first.ipv6.address } : {}),
    network: { interfaces: { macs } },
    placement: { "availability-zone": availabilityZone },
    ...(sshKeys.length === 0 ? {} : { "public-keys": {} }),
    ...(Object.keys(tags).length === 0 ? {} : { tags: { instance: tags } }),
  };
}

function interfaceTree(nic: DesiredNic, index: number, mtu: number | undefined): Tree {
  const cidrOf = (address: string, prefixLength: number): string => {
    const cidr = parseCidr(`${address}/${prefixLength}`);
    return cidr === null ? "" : formatCidr(cidr);
  };
  const known = nic.addressMode === "assigned";
  return {
    "device-number": String(index),
    mac: nic.macAddress,
    "interface-id": nic.id,
    ...(mtu === undefined ? {} : { mtu: String(mtu) }),
    ...(known && nic.ipv4 !== null
      ? { "local-ipv4s": nic.ipv4.address, "subnet-ipv4-cidr-block": cidrOf(nic.ipv4.address, nic.ipv4.prefixLength) }
      : {}),
    ...(known && nic.ipv6 !== null
      ? { ipv6s: nic.ipv6.address, "subnet-ipv6-cidr-blocks": cidrOf(nic.ipv6.address, nic.ipv6.prefixLength) }
      : {}),
  };
}

function identity({ instance }: GuestDocument): object {
  const first = instance.nics[0];
  return {
    version: "2017-09-30",
    instanceId: instance.guestUuid,
    imageId: instance.rootVolume.imageId,
    instanceType: `${instance.vcpus}x${Math.round(instance.memoryBytes / (1024 * 1024))}`,
    availabilityZone: instance.metadata.availabilityZone,
    privateIp: first?.addressMode === "assigned" ? (first.ipv4?.address ?? null) : null,
    architecture: "x86_64",
    accountId: null,
    region: instance.metadata.availabilityZone,
  };
}
