import { AppError } from "@indium/contract/errors";
import type { ImageFormat } from "@indium/contract/image";
import { readForeignJson } from "@indium/tunnel/foreign-json";
import { z } from "zod";
import { asVmUser } from "../drivers/qemu/vm-user";
import { run } from "../system/exec";
import type { FileOwner } from "./access";
import { invalid } from "./disk-format";

const Info = z.object({
  format: z.enum(["qcow2", "raw"]),
  "virtual-size": z.number().int().positive(),
  "backing-filename": z.string().optional(),
  "format-specific": z.object({ data: z.object({ "data-file": z.string().optional() }).optional() }).optional(),
});

/**
 * What QEMU's own parser says of a downloaded file. It parses hostile bytes: so with the format given, never guessed, as the VMs'
 * user, and with bounds on memory and time. `sniffDiskImage` has refused references to other files before.
 * @returns the virtual size in bytes.
 * @throws AppError `image_invalid`; `precondition_failed` when qemu-img is missing.
 */
export async function inspectImage(path: string, format: ImageFormat, name: string, owner: FileOwner): Promise<number> {
  const command = ["prlimit", "--as=2147483648", "--cpu=20", "--", "qemu-img", "info", "--output=json", "-f", format, path];
  const { file, args } = asVmUser(owner, [], command);
  const answer = await run(file, args, { timeoutMs: 60_000, allowFailure: true });
  if (answer.code === 127)
    throw new AppError("precondition_failed", "qemu-img is not installed on this host. Install it: apt-get install qemu-utils", {
      detail: answer.stderr,
    });
  if (answer.code !== 0)
    throw new AppError("image_invalid", `The image ${name} is damaged: QEMU cannot read it.`, { detail: answer.stderr.trim() });
  return readImageInfo(answer.stdout, format, name);
}

/** `qemu-img info`'s JSON, written from a hostile image. @throws AppError `image_invalid`. */
export function readImageInfo(text: string, format: ImageFormat, name: string): number {
  const parsed = Info.safeParse(readForeignJson(text));
  if (!parsed.success || parsed.data.format !== format) throw invalid(name, "QEMU reads another format from it than its header says.");
  const { data } = parsed;
  if (data["backing-filename"] !== undefined || data["format-specific"]?.data?.["data-file"] !== undefined)
    throw invalid(name, "it needs another file.");
  return data["virtual-size"];
}
