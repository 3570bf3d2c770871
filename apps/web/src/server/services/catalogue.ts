import { readFile } from "node:fs/promises";
import { Firmware } from "@indium/contract/image";
import { MetadataDialect, MetadataTokens } from "@indium/contract/metadata-dialect";
import { GIB, MIB } from "@indium/contract/plain/bytes";
import { newId } from "@indium/contract/plain/ids";
import { z } from "zod";
import type { Prisma } from "../../generated/prisma/client";
import { env } from "../../lib/env";
import type { Db } from "../db";

const SIZES = [
  { name: "nano", vcpus: 1, memoryBytes: 256 * MIB, diskBytes: 2 * GIB },
  { name: "micro", vcpus: 1, memoryBytes: 512 * MIB, diskBytes: 4 * GIB },
  { name: "small", vcpus: 1, memoryBytes: 1 * GIB, diskBytes: 10 * GIB },
  { name: "medium", vcpus: 2, memoryBytes: 2 * GIB, diskBytes: 20 * GIB },
  { name: "large", vcpus: 4, memoryBytes: 4 * GIB, diskBytes: 40 * GIB },
  { name: "xlarge", vcpus: 8, memoryBytes: 16 * GIB, diskBytes: 80 * GIB },
] as const;

/** `image/catalogue.json`: the distributors' official cloud images. It names no hashes: the distributor's own file does. */
const Entry = z.object({
  slug: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,60}$/),
  name: z.string().min(1).max(100),
  operatingSystem: z.enum(["debian", "ubuntu", "almalinux", "rocky", "fedora", "alpine", "opensuse", "tiny", "other"]),
  url: z.url({ protocol: /^https$/ }),
  checksumUrl: z.url({ protocol: /^https$/ }),
  checksumAlgorithm: z.enum(["sha256", "sha512"]),
  checksumFileName: z.string().min(1).max(300),
  defaultUser: z.string().min(1).max(32),
  firmware: Firmware,
  cloudInit: z.boolean(),
  dialect: MetadataDialect.default("openstack"),
  dialectReason: z.string().max(300).default(""),
  metadataTokens: MetadataTokens.default("optional"),
  minimumDiskBytes: z.number().int().min(0),
  minimumMemoryBytes: z.number().int().min(0),
  description: z.string().max(500),
  bootedHere: z.boolean(),
});

interface BuiltImage {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly operatingSystem: "debian" | "tiny";
  readonly minimumDiskBytes: number;
  readonly minimumMemoryBytes: number;
  readonly firmware: "bios" | "uefi";
  readonly cloudInit: boolean;
  readonly defaultUser: string;
  readonly dialect: MetadataDialect;
  readonly dialectReason: string;
}

/** Made on this machine by the launcher, which reports the building and registers the result. */
export const BUILT: readonly BuiltImage[] = [
  {
    slug: "debian-12-built",
    name: "Debian 12, built here",
    description: "Made on this machine from Debian's own packages, with cloud-init. Needs no internet beyond a Debian mirror.",
    operatingSystem: "debian",
    minimumDiskBytes: 2 * GIB,
    minimumMemoryBytes: 512 * MIB,
    firmware: "bios",
    cloudInit: true,
    defaultUser: "debian",
    dialect: "openstack",
    dialectReason: "Its cloud-init 22.4 reads keys, password, script and static addresses from OpenStack in its first stage.",
  },
  {
    slug: "tiny",
    name: "Tiny",
    description: "A kernel and busybox in 14 MB: starts in a second or two, for trying things. Log in as root.",
    operatingSystem: "tiny",
    minimumDiskBytes: 64 * MIB,
    minimumMemoryBytes: 128 * MIB,
    firmware: "bios",
    cloudInit: false,
    defaultUser: "root",
    dialect: "openstack",
    dialectReason: "Its own small start-up scripts ask OpenStack and nothing else.",
  },
];

/** The wait for other replicas counts, and a slow machine's worker that gave up here would never come up at all. */
const SEED_TIMEOUT_MS = 180_000;

/**
 * Sizes and images that every installation has; run at each start, changes nothing the second time. What was built or pinned
 * stays as it is: only words and needs are brought up to date. An entry that left the catalogue is not offered any more,
 * and stays for the instances made of it.
 */
export async function seedCatalogue(db: Db, catalogueFile = env().catalogueFile): Promise<void> {
  const entries = await readCatalogue(catalogueFile);
  const seed = async (tx: Prisma.TransactionClient): Promise<void> => {
    // Replicas start at once.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('indium:catalogue'))`;
    for (const [position, size] of SIZES.entries())
      await tx.size.upsert({ where: { name: size.name }, create: { id: newId("size"), ...size, position }, update: { ...size, position } });
    for (const [index, { slug, ...image }] of BUILT.entries()) {
      const position = 10 + index;
      await tx.image.upsert({
        where: { slug },
        create: {
          id: newId("image"),
          slug,
          origin: "built",
          bootedHere: true,
          state: "building",
          statusMessage: "Waiting to be built",
          ...image,
          position,
        },
        update: { ...image, position, deletedAt: null },
      });
    }
    for (const [index, { slug, ...entry }] of (entries ?? []).entries()) {
      const columns: Omit<Prisma.ImageUncheckedCreateInput, "id"> = { ...entry, origin: "catalogue", position: 100 + index };
      const { bootedHere: _, ...update } = columns;
      await tx.image.upsert({
        where: { slug },
        create: { id: newId("image"), slug, ...columns },
        update: { ...update, deletedAt: null },
      });
    }
    if (entries !== null)
      await tx.image.updateMany({
        where: { origin: "catalogue", deletedAt: null, slug: { notIn: entries.map((entry) => entry.slug) } },
        data: { deletedAt: new Date() },
      });
  };
  await db.$transaction(seed, { timeout: SEED_TIMEOUT_MS });
}

async function readCatalogue(path: string): Promise<z.output<typeof Entry>[] | null> {
  try {
    return z.array(Entry).parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    // Without it everything else works: built images, and images by URL.
    console.warn(`The image catalogue ${path} cannot be read: ${error instanceof Error ? error.message : error}`);
    return null;
  }
}
