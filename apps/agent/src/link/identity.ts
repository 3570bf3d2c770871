import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PublicKey } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import { HostId } from "@indium/contract/ids";
import { MAX_RELAYS, RelayEntry } from "@indium/contract/relays";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import type { KeyPair } from "@indium/tunnel/keys";
import { z } from "zod";
import { ensureDirectory, readJsonFile, writeFileAtomic } from "../system/files";
import { TlsPin } from "./tls-pin";

/** Who this host is. Made once; a host that loses it must be enrolled again. */
export interface Identity {
  /** Ed25519: proves this host on every link. */
  readonly signing: KeyPair;
  /** X25519: opens what was sealed for this host. */
  readonly sealing: KeyPair;
}

/** Whom this host belongs to: written at enrolment. */
export const Membership = z.object({
  formatVersion: z.literal(1),
  hostId: HostId,
  /** The centre's key: everything this host carries out is signed by it. */
  centrePublicKey: PublicKey,
  relayUrls: z.array(z.url()).min(1).max(10),
  /** As they were at enrolment; what the centre listed since is in relays.json. Absent from hosts of before. */
  relays: z.array(RelayEntry).max(MAX_RELAYS).optional(),
  /** Where it was enrolled; downloads come from there. */
  origin: z.url(),
  tlsPin: TlsPin.nullable(),
});
export type Membership = z.infer<typeof Membership>;

const membershipFile = (stateDirectory: string): string => join(stateDirectory, "membership.json");

/** The keys in `<state>/keys`, made at first use with mode 0600. */
export async function loadIdentity(stateDirectory: string): Promise<Identity> {
  const directory = join(stateDirectory, "keys");
  await ensureDirectory(directory, 0o700);
  const signing = await loadOrCreateKeyPair(join(directory, "host"), "ed25519");
  const sealing = await loadOrCreateKeyPair(join(directory, "sealing"), "x25519");
  // A copied or restored state folder may have lost its modes.
  for (const name of ["host.key", "sealing.key"]) await chmod(join(directory, name), 0o600);
  return { signing, sealing };
}

/** Null for a host that is not enrolled. @throws AppError when the file is damaged, or was written by a newer agent. */
export async function loadMembership(stateDirectory: string): Promise<Membership | null> {
  const path = membershipFile(stateDirectory);
  const raw = await readJsonFile(path);
  if (raw === null) return null;
  const parsed = Membership.safeParse(raw);
  if (!parsed.success) {
    throw new AppError("internal", `The file ${path} on this host cannot be used by this agent. Restore it, or enrol the host again.`, {
      internal: parsed.error.issues[0]?.message ?? "",
    });
  }
  return parsed.data;
}

export async function saveMembership(stateDirectory: string, membership: Membership): Promise<void> {
  await ensureDirectory(stateDirectory, 0o700);
  await writeFileAtomic(membershipFile(stateDirectory), `${JSON.stringify(membership, null, 2)}\n`, { mode: 0o600 });
}

/** A token given in a file, so that it shows in no process list. */
export async function readTokenFile(path: string): Promise<string> {
  return (await readFile(path, "utf8")).trim();
}
