import type { DesiredInstance } from "@indium/contract/instance";
import { dropletId } from "../../metadata/digitalocean";
import { NOCLOUD_SEED } from "../../metadata/nocloud";

/**
 * The strings in a machine's firmware (SMBIOS type 1) by which guests know their cloud: cloud-init's ds-identify (tools/ds-identify) and
 * each data source, cloudbase-init, Ignition's platform detection. The metadata service says the same.
 */
export function systemStrings(instance: Pick<DesiredInstance, "dialect" | "guestUuid">): Readonly<Record<string, string>> {
  const { guestUuid } = instance;
  switch (instance.dialect) {
    case "openstack":
      return { manufacturer: "OpenStack Foundation", product: "OpenStack Nova", uuid: guestUuid };
    case "ec2":
      // Before 24.4 cloud-init's Ec2 source wants the serial to equal the uuid (DataSourceEc2.py, identify_aws), and both to begin with ec2.
      return { manufacturer: "Amazon EC2", product: "Indium", serial: guestUuid, uuid: guestUuid };
    case "digitalocean":
      return { manufacturer: "DigitalOcean", product: "Droplet", serial: String(dropletId(guestUuid)), uuid: guestUuid };
    case "nocloud":
      // `dsmode` said: before 23.4 cloud-init takes `ds=nocloud` for local, reads all of the seed, and then uses none of it.
      return { manufacturer: "Indium", product: "Indium", serial: `ds=nocloud;dsmode=net;s=${NOCLOUD_SEED}`, uuid: guestUuid };
  }
}
