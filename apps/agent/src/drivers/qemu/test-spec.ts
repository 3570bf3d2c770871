import type { Firmware } from "@indium/contract/image";
import { MIB } from "@indium/contract/plain/bytes";
import { newId } from "@indium/contract/plain/ids";
import type { DesiredState } from "@indium/contract/states";
import type { VmSpec } from "../types";

/** A small VM's spec for this folder's tests: fixed ids unless `fresh`. */
export function testSpec(
  changes: {
    firmware?: Firmware;
    desired?: DesiredState;
    vcpus?: number;
    nics?: number;
    secureBoot?: boolean;
    tpm?: boolean;
    desktop?: boolean;
    memoryBytes?: number;
    fresh?: boolean;
    diskPath?: string;
  } = {},
): VmSpec {
  const instanceId = changes.fresh ? newId("instance") : "i-0123456789abcdef0";
  const guestUuid = changes.fresh ? globalThis.crypto.randomUUID() : "6f1c0de0-0000-4000-8000-000000000001";
  return {
    instance: {
      id: instanceId,
      name: "web-1",
      generation: 1,
      desired: changes.desired ?? "running",
      guestUuid,
      power: null,
      stopGraceMs: 60_000,
      vcpus: changes.vcpus ?? 1,
      memoryBytes: changes.memoryBytes ?? 128 * MIB,
      firmware: changes.firmware ?? "bios",
      ...(changes.secureBoot ? { secureBoot: true } : {}),
      ...(changes.tpm ? { tpm: true } : {}),
      ...(changes.desktop ? { desktop: true } : {}),
      rootVolume: {
        id: changes.fresh ? newId("volume") : "vol-0123456789abcdef0",
        imageId: "img-0123456789abcdef0",
        sizeBytes: 1024 * MIB,
      },
      nics: [],
      metadata: { hostname: "web-1", sshKeys: [], tags: {}, availabilityZone: "here" },
      guestAgent: "none",
      dialect: "openstack",
      metadataTokens: "optional",
      metadataHopLimit: 1,
      sealedSecrets: null,
    },
    disk: { path: changes.diskPath ?? "/var/lib/indium-agent/volumes/vol-0123456789abcdef0.qcow2", format: "qcow2" },
    taps: Array.from({ length: changes.nics ?? 1 }, (_, index) => ({
      nicId: "nic-0123456789abcdef0",
      interfaceName: `ind-t${index}`,
      macAddress: `52:54:00:00:00:0${index}`,
    })),
  };
}
