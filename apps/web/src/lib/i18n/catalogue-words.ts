/**
 * What the catalogue of images says about its entries (image/catalogue.json, server/services/catalogue.ts), which reaches the browser as
 * data. Each is known by its English, so that it can be said in other languages; what another catalogue says is shown as it came.
 */
export const CATALOGUE_WORDS = {
  debian13: "Debian's generic cloud image of the current stable release (trixie).",
  debian12: "Debian's generic cloud image of bookworm.",
  ubuntu2404: "Canonical's server cloud image of noble, long-term support.",
  ubuntu2204: "Canonical's server cloud image of jammy, long-term support.",
  almalinux: "AlmaLinux generic cloud image; its processor needs x86-64-v2.",
  rocky: "Rocky Linux generic cloud image; its processor needs x86-64-v2.",
  fedora: 'Fedora Cloud Base, generic. Fedora names each release apart: this address is release 44, not "latest".',
  alpine: "Alpine cloud image with cloud-init (the generic one, since the nocloud one asks no metadata service).",
  opensuse: "openSUSE Minimal VM for clouds, with cloud-init.",
  debianBuilt: "Made on this machine from Debian's own packages, with cloud-init. Needs no internet beyond a Debian mirror.",
  tiny: "A kernel and busybox in 14 MB: starts in a second or two, for trying things. Log in as root.",
  cloudInit25: "cloud-init 25 reads keys, password, script and static IPv4 and IPv6 from OpenStack in its first stage.",
  cloudInit22: "cloud-init 22.4 reads keys, password, script and static IPv4 and IPv6 from OpenStack in its first stage.",
  cloudInitBuilt: "Its cloud-init 22.4 reads keys, password, script and static addresses from OpenStack in its first stage.",
  canonicalTests: "Canonical tests its cloud images on OpenStack; addresses are set up before the network starts.",
  madeForOpenStack: "The generic cloud image is made for OpenStack, static addresses included.",
  looksForAll: "The generic image looks for every cloud; OpenStack is the one that gives static IPv6 too.",
  cloudFlavour: "The Cloud flavour of Minimal VM is the one made for OpenStack.",
  ownScripts: "Its own small start-up scripts ask OpenStack and nothing else.",
  chosen: "Chosen when the image was added.",
} as const;

const KEYS: ReadonlyMap<string, keyof typeof CATALOGUE_WORDS> = new Map(
  Object.entries(CATALOGUE_WORDS).map(([key, english]) => [english, key as keyof typeof CATALOGUE_WORDS]),
);

/** Null for what another catalogue says. */
export function catalogueKey(english: string): keyof typeof CATALOGUE_WORDS | null {
  return KEYS.get(english) ?? null;
}
