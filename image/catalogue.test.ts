import { readFileSync } from "node:fs";
import { Firmware, ImageSource } from "@indium/contract/image";
import { MetadataDialect, MetadataTokens } from "@indium/contract/metadata-dialect";
import { GIB, MIB } from "@indium/contract/plain/bytes";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const Entry = z.strictObject({
  slug: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,60}$/),
  name: z.string().min(1).max(100),
  operatingSystem: z.enum(["debian", "ubuntu", "almalinux", "rocky", "fedora", "alpine", "opensuse"]),
  url: z.url({ protocol: /^https$/ }),
  checksumUrl: z.url({ protocol: /^https$/ }),
  checksumAlgorithm: z.enum(["sha256", "sha512"]),
  checksumFileName: z.string().min(1).max(300),
  defaultUser: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  firmware: Firmware,
  cloudInit: z.boolean(),
  dialect: MetadataDialect,
  dialectReason: z.string().min(20).max(300),
  metadataTokens: MetadataTokens.optional(),
  minimumDiskBytes: z.number().int().min(GIB),
  minimumMemoryBytes: z
    .number()
    .int()
    .min(128 * MIB),
  description: z.string().min(1).max(500),
  bootedHere: z.boolean(),
});

const text = readFileSync(new URL("./catalogue.json", import.meta.url), "utf8");
const entries = z.array(Entry).parse(JSON.parse(text));

describe("the image catalogue", () => {
  it("names each image once", () => {
    expect(new Set(entries.map((entry) => entry.slug)).size).toBe(entries.length);
    expect(new Set(entries.map((entry) => entry.url)).size).toBe(entries.length);
  });

  it("offers every promised distribution", () => {
    const families = entries.map((entry) => `${entry.operatingSystem} ${entry.name.match(/\d+(\.\d+)?/)?.[0]}`);
    for (const promised of ["debian 12", "debian 13", "ubuntu 24.04", "ubuntu 22.04", "almalinux 9", "rocky 9", "opensuse 15.6"])
      expect(families).toContain(promised);
    for (const family of ["fedora", "alpine"]) expect(entries.map((entry) => entry.operatingSystem)).toContain(family);
  });

  it("commits no hash: the distributor's own file gives it", () => expect(text).not.toMatch(/\b[0-9a-f]{64}\b/));

  it("says that none was booted here until a test boots it", () => expect(entries.filter((entry) => entry.bootedHere)).toEqual([]));

  it.each(entries.map((entry) => [entry.slug, entry] as const))("%s is a source that a host accepts", (_, entry) => {
    ImageSource.parse({
      kind: "url",
      url: entry.url,
      checksum: { url: entry.checksumUrl, algorithm: entry.checksumAlgorithm, fileName: entry.checksumFileName },
    });
    // The checksum file stands beside the image and names it.
    expect(new URL(entry.url).pathname.endsWith(`/${entry.checksumFileName}`)).toBe(true);
    expect(new URL(".", entry.checksumUrl).href).toBe(new URL(".", entry.url).href);
    expect(entry.url).toMatch(/(x86_64|amd64).*\.(qcow2|img)$/);
  });
});
