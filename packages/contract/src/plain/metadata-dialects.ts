export const METADATA_DIALECTS = ["openstack", "ec2", "digitalocean", "nocloud"] as const;
