import { randomUUID } from "node:crypto";
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Memory first: a full disk must not keep a host from setting its rules. The last is for a process that may write to neither. */
const FOLDERS = ["/run", "/dev/shm", tmpdir()];

/**
 * A text as a program's standard input: a file without a name, to be given to `spawn` as its first `stdio`, and closed afterwards. Not Node's
 * "pipe", which is a socket: a program that opens /dev/stdin gets ENXIO of one (wg 1.0.2021), or refuses it (nft 1.0.9, Ubuntu 24.04's).
 * @throws Error of the file system when none of the folders can be written.
 */
export function openInput(text: string): { readonly fd: number; close(): void } {
  const fd = openNameless();
  try {
    const bytes = Buffer.from(text, "utf8");
    // With a position the offset, which the program shares, stays at the beginning.
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return { fd, close: () => closeSync(fd) };
}

function openNameless(): number {
  let failure: unknown;
  for (const folder of FOLDERS) {
    const path = join(folder, `.indium-input-${randomUUID()}`);
    try {
      // "wx+": nobody else's file or link of that name is ever opened.
      const fd = openSync(path, "wx+", 0o600);
      unlinkSync(path);
      return fd;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
