import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { env } from "../../lib/env";
import { newSecretKey, parseKeyring, type SecretKeyring } from "./secrets";
import { loadSigner, type Signer } from "./signing";

/** The centre's own keys, as the processes of web share them: files of the keys folder, made by whoever comes first. */
export interface Centre {
  readonly signer: Signer;
  readonly keyring: SecretKeyring;
}

const centres = new Map<string, Promise<Centre>>();

export function centre(): Promise<Centre> {
  const { keysDir, secretKey } = env();
  const known = centres.get(keysDir);
  if (known !== undefined) return known;
  const loading = loadCentre(keysDir, secretKey);
  centres.set(keysDir, loading);
  loading.catch(() => centres.delete(keysDir));
  return loading;
}

export async function loadCentre(keysDir: string, secretKey: string | null): Promise<Centre> {
  const [signer, keyring] = await Promise.all([loadSigner(keysDir), loadKeyring(keysDir, secretKey)]);
  return { signer, keyring };
}

/** From `INDIUM_SECRET_KEY`, else `secret.key` in the keys folder, which is made (0600) when it is not there. */
async function loadKeyring(keysDir: string, secretKey: string | null): Promise<SecretKeyring> {
  if (secretKey !== null) return parseKeyring(secretKey);
  const path = join(keysDir, "secret.key");
  try {
    return parseKeyring(await readFile(path, "utf8"));
  } catch (thrown) {
    if (!hasCode(thrown, "ENOENT")) throw thrown;
  }
  await mkdir(keysDir, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(temporary, `${newSecretKey()}\n`, { mode: 0o600, flag: "wx" });
  try {
    // Several processes start at once: the first link wins, the others read it.
    await link(temporary, path);
  } catch (thrown) {
    if (!hasCode(thrown, "EEXIST")) throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
  return parseKeyring(await readFile(path, "utf8"));
}

const hasCode = (thrown: unknown, code: string): boolean => thrown instanceof Error && "code" in thrown && thrown.code === code;
