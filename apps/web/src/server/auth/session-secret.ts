import { createHash, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const secrets = new Map<string, string>();

/**
 * What sessions are encrypted with: `session.key` of the keys folder, made (0600) by whoever comes first.
 * Deleting the file, and telling the installation (`admin adopt-keys`), signs everybody out.
 */
export function sessionSecret(keysDir: string): string {
  const known = secrets.get(keysDir);
  if (known !== undefined) return known;
  const path = join(keysDir, "session.key");
  const secret = read(path) ?? create(keysDir, path);
  if (secret.length < 32) throw new Error(`${path} is too short to be a session key; delete it and everybody signs in anew.`);
  secrets.set(keysDir, secret);
  return secret;
}

/** Says nothing about the secret, which is random and long. */
export const sessionKeyId = (secret: string): string =>
  createHash("sha256").update("indium:session-key\n").update(secret).digest("hex").slice(0, 16);

const hasCode = (thrown: unknown, code: string) => thrown instanceof Error && "code" in thrown && thrown.code === code;

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT")) return null;
    throw thrown;
  }
}

function create(keysDir: string, path: string): string {
  mkdirSync(keysDir, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(temporary, `${randomBytes(48).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  try {
    // Several processes start at once: the first link wins and the others read it.
    linkSync(temporary, path);
  } catch (thrown) {
    if (!hasCode(thrown, "EEXIST")) throw thrown;
  } finally {
    rmSync(temporary, { force: true });
  }
  return readFileSync(path, "utf8").trim();
}
