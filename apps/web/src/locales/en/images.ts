import { CATALOGUE_WORDS } from "@/lib/i18n/catalogue-words";

export const images = {
  title: "Images",
  /** Said in "Could not load images". */
  what: "images",
  description: "What instances' disks begin as. A host fetches an image when it first needs it, and checks its hash.",
  none: "No images",
  noneHint: "Add a cloud image by its address.",
  name: "Name",
  states: { ready: "Ready", building: "Building", failed: "Failed", available: "Available" },
  copyStates: { absent: "Not there yet", downloading: "Downloading", verifying: "Verifying", ready: "Ready", failed: "Failed" },
  /** How each metadata dialect is called, and what to know before choosing it. */
  dialects: {
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
  },
  /** What the catalogue says about its images. */
  catalogue: CATALOGUE_WORDS,
  card: {
    origins: { built: "Built here", catalogue: "Official cloud image", url: "Added by address" },
    user: "user {name}",
    needs: "needs {memory}",
    metadataAs: "Metadata as {dialect}.",
    metadataAsTokens: "Metadata as {dialect} with session tokens only.",
    building: "Building {name}",
    failed: "Could not be made",
    notBooted: "not yet booted by us",
    noCloudInit: "no cloud-init",
    pinnedLater: "Its hash is pinned at the first download.",
    hash: "sha256",
    copyHash: "Copy SHA-256 of {name}",
    delete: "Delete {name}",
    copies: "Copies of {name} on hosts",
    copyOn: "{name} on {host}",
    sizeIn: "{size} in {path}",
  },
  add: {
    title: "Add image",
    description:
      "A qcow2 or raw disk image on a web server. The host that needs it downloads it, checks that it is a disk image, and pins its hash.",
    address: "Address",
    nameHint: "Without one it is called after the file.",
    hash: "SHA-256",
    hashHint: "With it, nothing else is accepted.",
    defaultUser: "Default user",
    firmware: "Firmware",
    cloudInit: "It runs cloud-init",
    cloudInitHint: "So that keys, password and user data reach it.",
    metadata: "Metadata: {dialect}",
    dialect: "Its instances see",
  },
  delete: {
    description: "It can no longer be chosen, and its copies on hosts go when no instance needs them. Instances made from it stay.",
    confirm: "Delete image",
  },
  evict: {
    done: "Removed {name} from {host}",
    freed: "{size} are free again.",
    inUse: "{count, plural, one {# instance on {host} is made of it.} other {# instances on {host} are made of it.}}",
    open: "Remove the copy of {name} from {host}",
    notWhole: "There is no whole copy to remove.",
    title: "Remove {name} from {host}?",
    description: "The host fetches the image again when the next instance is made of it there. No instance there is made of it now.",
    confirm: "Remove copy",
  },
} as const;
