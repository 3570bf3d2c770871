import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { PublicKey } from "@indium/contract/envelope";
import { HostId } from "@indium/contract/ids";
import { OverlayAddress } from "@indium/contract/overlay";
import { z } from "zod";

export const KnownPeer = z.object({
  hostId: HostId,
  publicKey: PublicKey,
  address: OverlayAddress,
  /** Where it was heard from last; null for never. */
  endpoint: z.string().max(100).nullable(),
});
export type KnownPeer = z.infer<typeof KnownPeer>;

const PeersFile = z.object({ formatVersion: z.literal(1), peers: z.array(KnownPeer).max(100_000) });

/**
 * The relay's peers and where they were: WireGuard forgets both with its interface, and then an idle host waits for two minutes. Public keys
 * and addresses only. A file that cannot be read is no file: hosts join again by themselves.
 */
export async function readPeers(path: string): Promise<readonly KnownPeer[]> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return [];
  try {
    return PeersFile.parse(JSON.parse(text)).peers;
  } catch {
    return [];
  }
}

/** Either the old file or the new one, whole, also after a power cut. */
export async function writePeers(path: string, peers: readonly KnownPeer[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(JSON.stringify({ formatVersion: 1, peers: [...peers] } satisfies z.input<typeof PeersFile>));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
