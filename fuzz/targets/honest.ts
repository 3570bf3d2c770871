import { createPrivateKey } from "node:crypto";
import type { HostFacts } from "@indium/contract/host";
import type { HostDocument } from "@indium/contract/host-document";
import type { HostId, InstanceId } from "@indium/contract/ids";
import type { ReportBody } from "@indium/contract/report";
import { type KeyKind, type KeyPair, rawPublicKey } from "@indium/tunnel/keys";

/** Honest messages to begin from. Their ids never change, so that the same seed makes the same inputs. */
export const NOW = 1_795_000_000_000;
export const HOST: HostId = "h-0123456789abcdef0";
export const INSTANCE: InstanceId = "i-0123456789abcdef0";

export const FACTS: HostFacts = {
  hostname: "lab-1.example",
  operatingSystem: "Debian 12",
  kernel: "6.1",
  architecture: "x86_64",
  agentVersion: "0.1.0",
  driver: "qemu",
  hypervisorVersion: "7.2",
  acceleration: "kvm",
  accelerationReason: null,
  vmLimits: { kind: "systemd", reason: null },
  vlans: true,
  changesDisks: true,
  cpu: { model: "test", sockets: 1, cores: 4, threads: 8 },
  memoryBytes: 17_179_869_184,
  disks: [{ name: "sda", model: null, sizeBytes: 1_000, rotational: false }],
  nics: [
    {
      name: "eth0",
      macAddress: "52:54:00:00:00:01",
      addresses: ["192.0.2.10/24"],
      speedMbps: null,
      up: true,
      uplink: true,
      bridge: false,
      bridgeRefusal: null,
    },
  ],
  storage: { path: "/var/lib/indium-agent", sizeBytes: 1_000 },
  bootedAt: 1,
  warnings: [{ code: "docker", message: "Docker is here.", fix: null }],
};

export const OBSERVATION: ReportBody = {
  kind: "instance.observed",
  instanceId: INSTANCE,
  observedGeneration: 1,
  appliedGeneration: 1,
  state: "running",
  guestPoweredOff: false,
  lastRequestId: null,
  startedAt: NOW,
  error: null,
  provisioning: null,
  waiting: null,
};

export const DOCUMENT: HostDocument = {
  formatVersion: 1,
  hostId: HOST,
  centreEpoch: 1,
  generation: 1,
  issuedAt: NOW,
  networks: [
    {
      id: "net-0123456789abcdef0",
      name: "lab",
      kind: "nat",
      ipv4: { cidr: "10.0.0.0/24", gateway: "10.0.0.1" },
      ipv6: { cidr: "fd00::/64", gateway: "fd00::1" },
      dnsServers: ["9.9.9.9"],
      mtu: 1450,
      bridgeInterface: null,
    },
  ],
  images: [
    {
      id: "img-0123456789abcdef0",
      name: "Debian 12",
      sha256: null,
      sizeBytes: null,
      source: {
        kind: "url",
        url: "https://images.example/d.qcow2",
        checksum: { url: "https://images.example/SUMS", algorithm: "sha512", fileName: "d.qcow2" },
      },
    },
  ],
  instances: [
    {
      id: INSTANCE,
      name: "web-1",
      generation: 1,
      desired: "running",
      guestUuid: "5a0a5e9c-9d3a-4b5e-8f0e-0123456789ab",
      power: null,
      stopGraceMs: 1_000,
      vcpus: 1,
      memoryBytes: 134_217_728,
      firmware: "bios",
      rootVolume: { id: "vol-0123456789abcdef0", imageId: "img-0123456789abcdef0", sizeBytes: 1 },
      nics: [
        {
          id: "nic-0123456789abcdef0",
          networkId: "net-0123456789abcdef0",
          macAddress: "52:54:00:12:34:56",
          addressMode: "assigned",
          ipv4: { address: "10.0.0.7", prefixLength: 24, gateway: "10.0.0.1" },
          ipv6: null,
        },
      ],
      metadata: {
        hostname: "web-1",
        sshKeys: [{ name: "me", key: "ssh-ed25519 AAAA me" }],
        tags: { role: "web" },
        availabilityZone: "lab",
      },
      guestAgent: "cloud-init",
      dialect: "openstack",
      metadataTokens: "optional",
      metadataHopLimit: 1,
      sealedSecrets: null,
    },
  ],
};

/** PKCS #8 before the raw key (RFC 8410 section 7). Keys that anybody can make, so that inputs that hold signatures come out the same again. */
const PKCS8_PREFIX: Record<KeyKind, string> = { ed25519: "302e020100300506032b657004220420", x25519: "302e020100300506032b656e04220420" };

export function fixedKeyPair(kind: KeyKind, byte: number): KeyPair {
  const key = Buffer.concat([Buffer.from(PKCS8_PREFIX[kind], "hex"), Buffer.alloc(32, byte)]);
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  return { kind, privateKey, publicKey: rawPublicKey(privateKey) };
}
