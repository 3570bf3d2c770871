import { createHash, createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { type FrontEnv, isLoopback } from "./env";

export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
}

const VALID_DAYS = 825;
const RENEW_BEFORE_MS = 30 * 86_400_000;

/**
 * What the front serves TLS with; null for plain http. A self-signed certificate keeps its key for good, because hosts and the
 * install command pin the key: names and dates may change, `front.pin` does not. With a given certificate, or none, there is no pin.
 */
export async function prepareTls(env: FrontEnv): Promise<TlsMaterial | null> {
  const pinPath = join(env.keysDirectory, "front.pin");
  if (env.tls !== null) {
    await rm(pinPath, { force: true });
    return { cert: await readFile(env.tls.certificatePath, "utf8"), key: await readFile(env.tls.keyPath, "utf8") };
  }
  if (isLoopback(env.bind)) {
    await rm(pinPath, { force: true });
    return null;
  }
  await mkdir(env.keysDirectory, { recursive: true, mode: 0o700 });
  const key = await loadKey(join(env.keysDirectory, "front.key"));
  const cert = await loadCertificate(join(env.keysDirectory, "front.crt"), key, namesOf(env));
  await writeWhole(pinPath, `${pinOf(cert)}\n`, 0o644);
  return { cert, key };
}

/** `sha256//<base64>` of the SubjectPublicKeyInfo: curl's --pinnedpubkey and the agent's `tlsPin`. */
export function pinOf(certificatePem: string): string {
  const spki = new X509Certificate(certificatePem).publicKey.export({ format: "der", type: "spki" });
  return `sha256//${createHash("sha256").update(spki).digest("base64")}`;
}

async function loadKey(path: string): Promise<string> {
  const found = await readFile(path, "utf8").catch(() => null);
  if (found !== null) return found;
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  await writeWhole(path, pem, 0o600);
  return pem;
}

async function loadCertificate(path: string, key: string, names: readonly string[]): Promise<string> {
  const found = await readFile(path, "utf8").catch(() => null);
  if (found !== null && serves(found, key, names)) return found;
  // Loaded when needed only: on loopback, or with a certificate given, it never is.
  const { selfSignedCertificate } = await import("./self-signed");
  const made = await selfSignedCertificate(key, names, new Date(Date.now() + VALID_DAYS * 86_400_000));
  await writeWhole(path, made, 0o644);
  return made;
}

function serves(pem: string, key: string, names: readonly string[]): boolean {
  try {
    const certificate = new X509Certificate(pem);
    if (!certificate.checkPrivateKey(createPrivateKey(key)) || Date.parse(certificate.validTo) - Date.now() < RENEW_BEFORE_MS) return false;
    return names.every((name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined);
  } catch {
    return false;
  }
}

/** The public URL's name, this machine's own, and its addresses as they are now. */
function namesOf(env: FrontEnv): string[] {
  const publicName = new URL(env.publicUrl).hostname.replace(/^\[|\]$/g, "");
  const addresses = Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).filter((entry) => !entry.internal && !entry.address.startsWith("fe80:")).map((entry) => entry.address),
  );
  const bound = isIP(env.bind) !== 0 && env.bind !== "0.0.0.0" && env.bind !== "::" ? [env.bind] : addresses.slice(0, 20);
  return [...new Set([publicName, "localhost", hostname(), ...bound])];
}

async function writeWhole(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content, { mode });
  await chmod(temporary, mode);
  await rename(temporary, path);
}
