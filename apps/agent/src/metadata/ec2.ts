import type { DesiredNic } from "@indium/contract/network";
import { formatCidr, parseCidr } from "@indium/domain/ip";
import { json, type Reply, text } from "./reply";
import { type Tree, walk } from "./tree";
import type { GuestDocument } from "./types";
import { withVendorConfig } from "./user-data-parts";
import { renderVendorCloudConfig } from "./vendor-data";

/** EC2's versions from 2009 on, as it lists them itself, and `latest`. Clients pin the one they were written for: Ignition 2019-10-01. */
export const EC2_VERSIONS: readonly string[] = [
  ...["2009-04-04", "2011-01-01", "2011-05-01", "2012-01-12", "2014-02-25", "2014-11-05", "2015-10-20", "2016-04-19", "2016-06-30"],
  ...["2016-09-02", "2018-03-28", "2018-08-17", "2018-09-24", "2019-10-01", "2020-10-27", "2021-01-03", "2021-03-23", "2021-07-15"],
  ...["2022-07-09", "2022-09-24", "latest"],
];

export const isEc2Version = (name: string): boolean => EC2_VERSIONS.some((version) => version === name);

/** `version` is the path's first part, `path` what follows it, without slashes at its ends. */
export function renderEc2(document: GuestDocument, path: string): Reply | null {
  const [area, ...rest] = path.split("/");
  switch (area) {
    case "":
      return text(["dynamic", "meta-data", ...(userData(document) === null ? [] : ["user-data"])].join("\n"));
    case "meta-data": {
      const found = renderPublicKeys(document, rest) ?? walk(metaData(document), rest);
      return found === null ? null : text(found, { isMetadata: true });
    }
    case "user-data": {
      const data = rest.length > 0 ? null : userData(document);
      return data === null ? null : text(data);
    }
    case "dynamic": {
      if (rest.join("/") === "instance-identity/document") return json(identity(document), { isMetadata: true });
      const found = walk({ "instance-identity": { document: "" } }, rest);
      return found === null || found === "" ? null : text(found);
    }
    default:
      return null;
  }
}

/**
 * The user's own, byte for byte. Where EC2 is all that the guest is shown, what other dialects say in vendor data goes with it; that says
 * no more than where to report, once the secrets are sealed.
 */
function userData({ instance, secrets }: GuestDocument): string | null {
  const own = secrets?.userData ?? null;
  if (instance.dialect !== "ec2" || instance.guestAgent !== "cloud-init") return own;
  return withVendorConfig(own, renderVendorCloudConfig(secrets?.passwordHash ?? null));
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
    // Without one cloud-init takes it for the EC2 of before 2013 (is_classic_instance).
    "vpc-id": nic.networkId,
    ...(mtu === undefined ? {} : { mtu: String(mtu) }),
    ...(known && nic.ipv4 !== null
      ? { "local-ipv4s": nic.ipv4.address, "subnet-ipv4-cidr-block": cidrOf(nic.ipv4.address, nic.ipv4.prefixLength) }
      : {}),
    // No `ipv6s`: cloud-init would have the guest wait for a DHCPv6 server at every boot, and there is none.
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
