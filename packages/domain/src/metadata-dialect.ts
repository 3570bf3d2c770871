import type { MetadataDialect, MetadataTokens } from "@indium/contract/metadata-dialect";

/**
 * A new guest's uuid. EC2's begin with `ec2`, by which cloud-init's Ec2 source and ds-identify know that they are at home
 * (sources/DataSourceEc2.py, identify_aws); the rest is as random as ever.
 */
export function newGuestUuid(dialect: MetadataDialect): string {
  const uuid = globalThis.crypto.randomUUID();
  return dialect === "ec2" ? `ec2${uuid.slice(3)}` : uuid;
}

/** Why this dialect cannot serve this instance, in words for the form; null when it can. */
export function dialectProblem(wish: {
  dialect: MetadataDialect;
  metadataTokens: MetadataTokens;
  /** The NICs' ways to an address, first NIC first. */
  addressModes: readonly ("assigned" | "learned")[];
}): string | null {
  if (wish.metadataTokens === "required" && wish.dialect !== "ec2")
    return "Session tokens are EC2's: other dialects know none. Choose EC2, or leave tokens optional.";
  if (wish.dialect === "digitalocean" && wish.addressModes.includes("learned"))
    return "DigitalOcean's metadata cannot tell a guest to ask DHCP, and this network's addresses come from its own DHCP server. Choose another dialect or network.";
  return null;
}
