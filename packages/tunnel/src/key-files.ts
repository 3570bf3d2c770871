import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { generateKeyPair, type KeyKind, type KeyPair, keyPairFromPem, privateKeyToPem, publicKeyFromPem, publicKeyToPem } from "./keys";

const isMissing = (thrown: unknown): boolean => thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
const exists = (thrown: unknown): boolean => thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST";

/**
 * The key pair kept in `<path>.key` (PEM, 0600) and `<path>.pub` (PEM), made at first use. Several processes may
 * start at once: the first to link its file wins and the others read it, so that no signature is ever made by a key that is not kept.
 */
export async function loadOrCreateKeyPair(path: string, kind: KeyKind): Promise<KeyPair> {
  const keyFile = `${path}.key`;
  const found = await readIfThere(keyFile);
  const pair = found === null ? await create(keyFile, kind) : keyPairFromPem(kind, found);
  if ((await readIfThere(`${path}.pub`)) !== publicKeyToPem(kind, pair.publicKey)) await writePublic(`${path}.pub`, kind, pair.publicKey);
  return pair;
}

/** Raw base64 of the public key kept in a PEM file; null when there is no such file. */
export async function readPublicKeyFile(path: string, kind: KeyKind): Promise<string | null> {
  const pem = await readIfThere(path);
  return pem === null ? null : publicKeyFromPem(kind, pem);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
}

async function create(keyFile: string, kind: KeyKind): Promise<KeyPair> {
  await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 });
  const pair = generateKeyPair(kind);
  const temporary = `${keyFile}.${randomBytes(6).toString("hex")}`;
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(privateKeyToPem(pair.privateKey));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(temporary, keyFile);
    // A key that others already know must not be lost with a power cut: its name counts as much as its content.
    await syncFolder(dirname(keyFile));
    await syncFolder(dirname(dirname(keyFile)));
    return pair;
  } catch (thrown) {
    if (!exists(thrown)) throw thrown;
    return keyPairFromPem(kind, await readFile(keyFile, "utf8"));
  } finally {
    await rm(temporary, { force: true });
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writePublic(path: string, kind: KeyKind, publicKey: string): Promise<void> {
  await writeFile(path, publicKeyToPem(kind, publicKey), { mode: 0o644 });
}
