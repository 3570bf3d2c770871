import { renderNetworkData } from "./network-data";
import { json, type Reply, text } from "./reply";
import type { GuestDocument } from "./types";
import { renderVendorCloudConfig } from "./vendor-data";

/** Nova's versions (nova/api/metadata/base.py); cloud-init takes the newest it knows. */
export const OPENSTACK_VERSIONS = [
  "2012-08-10",
  "2013-04-04",
  "2013-10-17",
  "2015-10-15",
  "2016-06-30",
  "2016-10-06",
  "2017-02-22",
  "2018-08-27",
  "2020-10-14",
  "latest",
] as const;

/** Since which version a file exists; none is listed or served before. Nova's table again. */
const FILES = {
  "meta_data.json": "2012-08-10",
  user_data: "2012-08-10",
  "vendor_data.json": "2013-10-17",
  "network_data.json": "2015-10-15",
  "vendor_data2.json": "2016-10-06",
} as const;
type FileName = keyof typeof FILES;

/** `path` is what follows `/openstack`, without slashes at its ends. */
export function renderOpenStack(document: GuestDocument, path: string): Reply | null {
  if (path === "") return text(OPENSTACK_VERSIONS.join("\n"));
  const [version = "", file, ...more] = path.split("/");
  if (!OPENSTACK_VERSIONS.some((known) => known === version) || more.length > 0) return null;
  // "latest" sorts behind every date.
  const served = (Object.keys(FILES) as FileName[]).filter((name) => FILES[name] <= version);
  const renderable = served.filter((name) => name !== "user_data" || document.secrets?.userData !== undefined);
  if (file === undefined) return text(renderable.join("\n"));
  const name = renderable.find((candidate) => candidate === file);
  return name === undefined ? null : renderFile(document, name);
}

function renderFile(document: GuestDocument, name: FileName): Reply | null {
  const { instance, secrets } = document;
  switch (name) {
    case "meta_data.json":
      return json(renderMetaData(document), { isMetadata: true });
    case "user_data":
      return secrets?.userData === undefined ? null : text(secrets.userData);
    case "vendor_data.json":
      // A dict's `cloud-init` key is its share (cloudinit/sources/__init__.py, convert_vendordata).
      return json({ "cloud-init": renderVendorCloudConfig(secrets?.passwordHash ?? null) });
    case "vendor_data2.json":
      return json({});
    case "network_data.json":
      return json(renderNetworkData(instance.nics, document.networks));
  }
}

function renderMetaData({ instance }: GuestDocument): object {
  const { hostname, sshKeys, tags, availabilityZone } = instance.metadata;
  // By position: two keys may bear the same name, and an object would lose one.
  const named = sshKeys.map((key, index) => ({ name: `key${index}`, data: key.key.trim() }));
  return {
    // Equal to the DMI uuid: cloud-init recognizes a known instance by it without asking (instance_id_matches_system_uuid).
    uuid: instance.guestUuid,
    name: instance.name,
    hostname,
    launch_index: 0,
    availability_zone: availabilityZone,
    project_id: null,
    meta: { ...tags, "indium-instance-id": instance.id },
    public_keys: Object.fromEntries(named.map((key) => [key.name, key.data])),
    keys: named.map((key) => ({ ...key, type: "ssh" })),
  };
}
