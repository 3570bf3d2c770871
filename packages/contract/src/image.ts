import { z } from "zod";
import { ImageId } from "./ids";

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex");
export const ImageFormat = z.enum(["qcow2", "raw"]);
export type ImageFormat = z.infer<typeof ImageFormat>;
export const Firmware = z.enum(["bios", "uefi"]);
export type Firmware = z.infer<typeof Firmware>;

export const ImageSource = z.discriminatedUnion("kind", [
  /** Held by the centre, content-addressed; the path is under the centre's public origin and carries a signed, expiring query. */
  z.object({ kind: z.literal("centre"), path: z.string().startsWith("/").max(2_000) }),
  /** On the distributor's server. The checksum file is the distributor's own; what was computed is pinned afterwards. */
  z.object({
    kind: z.literal("url"),
    url: z.url({ protocol: /^https?$/ }).max(2_000),
    checksum: z
      .object({ url: z.url({ protocol: /^https?$/ }).max(2_000), algorithm: z.enum(["sha256", "sha512"]), fileName: z.string().max(300) })
      .optional(),
  }),
]);
export type ImageSource = z.infer<typeof ImageSource>;

/** An image as a host is told of it. With `sha256` set the file must have exactly that hash, whatever the source says. */
export const DesiredImage = z.object({
  id: ImageId,
  name: z.string().max(200),
  sha256: Sha256.nullable(),
  sizeBytes: z.number().int().positive().nullable(),
  source: ImageSource,
});
export type DesiredImage = z.infer<typeof DesiredImage>;

export const ImageCopyState = z.enum(["absent", "downloading", "verifying", "ready", "failed"]);
export type ImageCopyState = z.infer<typeof ImageCopyState>;
