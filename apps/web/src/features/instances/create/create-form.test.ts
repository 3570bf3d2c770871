import type { ImageView, SizeView, SshKeyView } from "@indium/contract/api/catalogue-views";
import { GIB, MIB } from "@indium/contract/plain/bytes";
import { describe, expect, test } from "vitest";
import { testFormat, translatorFor } from "@/lib/i18n/testing";
import { type CreateForm, choices, defaultImage, defaultSize, problems, toInput } from "./create-form";

const image = (part: Partial<ImageView>): ImageView => ({
  id: "img-0123456789abcdef0",
  organizationId: null,
  name: "Debian 12",
  description: "",
  operatingSystem: "debian",
  origin: "built",
  url: null,
  sha256: null,
  sizeBytes: null,
  minimumDiskBytes: 2 * GIB,
  minimumMemoryBytes: 512 * MIB,
  firmware: "bios",
  defaultUser: "debian",
  cloudInit: true,
  dialect: "openstack",
  dialectReason: "",
  metadataTokens: "optional",
  bootedHere: true,
  state: "ready",
  progress: null,
  statusMessage: null,
  error: null,
  copies: [],
  createdAt: new Date(0),
  ...part,
});
const t = translatorFor("instancesCreate.problems");
const format = testFormat();
const asItCame = (english: string) => english;
const tiny = image({ id: "img-00000000000000001", name: "Tiny", operatingSystem: "tiny", minimumMemoryBytes: 64 * MIB });
const size = (name: string, memoryBytes: number): SizeView => ({
  id: `size-${name.padEnd(17, "0").slice(0, 17)}`,
  name,
  vcpus: 1,
  memoryBytes,
  diskBytes: 10 * GIB,
});
const sizes = [size("a2", 2 * GIB), size("a0", 256 * MIB), size("a1", GIB)];
const key: SshKeyView = {
  id: "key-0123456789abcdef0",
  name: "laptop",
  publicKey: "ssh-ed25519 A",
  fingerprint: "f",
  createdAt: new Date(0),
};
const untouched: CreateForm = {
  name: "calm-otter",
  imageId: null,
  sizeId: null,
  hostId: null,
  networkId: null,
  placement: null,
  diskGib: null,
  sshKeyIds: null,
  password: undefined,
  userData: "",
  dialect: null,
  metadataTokens: null,
  securityGroupIds: null,
  metadataHopLimit: 1,
  firmware: null,
  tpm: false,
  desktop: false,
};

describe("without any answer", () => {
  test("Debian is chosen when it is there, Tiny while it is still being built", () => {
    expect(defaultImage([tiny, image({})])?.name).toBe("Debian 12");
    expect(defaultImage([image({ state: "building" }), tiny])?.name).toBe("Tiny");
    expect(defaultImage([image({ state: "failed" })])).toBeNull();
  });
  test("the smallest size that fits the image is chosen", () => {
    expect(defaultSize(sizes, image({}))?.name).toBe("a1");
    expect(defaultSize(sizes, tiny)?.name).toBe("a0");
  });
  test("all keys may log in, and a password is made up only where there is none", () => {
    expect(choices(untouched, { images: [image({})], sizes, sshKeys: [key] }, "generated")).toMatchObject({
      sshKeyIds: [key.id],
      password: null,
    });
    expect(choices(untouched, { images: [image({})], sizes, sshKeys: [] }, "generated").password).toBe("generated");
  });
  test("Create may be pressed", () => {
    const chosen = choices(untouched, { images: [image({})], sizes, sshKeys: [key] }, "generated");
    expect(problems(untouched, chosen, t, asItCame, format)).toEqual({});
    expect(toInput(untouched, chosen, "org-0123456789abcdef0", "req-1")).toMatchObject({ diskBytes: null, userData: null, hostId: null });
  });
});

describe("what is wrong is said at its field", () => {
  const catalogue = { images: [image({})], sizes, sshKeys: [key] };
  const check = (part: Partial<CreateForm>) => {
    const form = { ...untouched, ...part };
    return problems(form, choices(form, catalogue, "generated"), t, asItCame, format);
  };
  test("an illegal name", () => expect(check({ name: "Web_1" }).name).toMatch(/lower-case/));
  test("a size too small for the image", () => expect(check({ sizeId: sizes[1]!.id }).size).toMatch(/larger size/));
  test("a disk smaller than the image", () => expect(check({ diskGib: "1" }).disk).toMatch(/at least 2 GiB/));
  test("a disk that is no number", () => expect(check({ diskGib: "big" }).disk).toMatch(/GiB/));
  test("a short password", () => expect(check({ password: "short" }).password).toMatch(/8 characters/));
  test("no password at all is a choice", () => expect(check({ password: null })).toEqual({}));
});
