import type { MetadataDialect } from "@indium/contract/metadata-dialect";

/** How each dialect is called, and what to know before choosing it. */
export const DIALECT: Record<MetadataDialect, { name: string; about: string }> = {
  openstack: {
    name: "OpenStack",
    about:
      "Understood by cloud-init, cloudbase-init and Ignition; static addresses before the network starts. EC2's paths are answered too.",
  },
  ec2: {
    name: "Amazon EC2",
    about: "For images made for AWS. Addresses come by DHCP, IPv4 only; the password travels with the user data.",
  },
  digitalocean: {
    name: "DigitalOcean",
    about: "Needs no DHCP at all. One interface with a way out and one without are set up.",
  },
  nocloud: {
    name: "NoCloud over HTTP",
    about: "For cloud-init alone. Addresses come by DHCP; static ones from cloud-init 24.3 on.",
  },
};
export const DIALECTS = Object.keys(DIALECT) as MetadataDialect[];
