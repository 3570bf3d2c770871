import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Env } from "../../lib/env";

/**
 * install.sh as it is served: with this installation's address, and the front's pin when its certificate is its own, so that the
 * script works also without arguments (an upgrade in place).
 */
export async function installScript(env: Pick<Env, "distDir" | "publicUrl" | "keysDir" | "tlsCertFile">): Promise<string> {
  const template = await readFile(join(env.distDir, "install.sh"), "utf8");
  const pin = await frontPin(env);
  return template.replaceAll("@INDIUM_URL@", env.publicUrl).replaceAll("@INDIUM_PIN@", pin ?? "");
}

export const sha256Hex = (text: string): string => createHash("sha256").update(text).digest("hex");

/** `sha256//<base64>` of the public key of the front's self-signed certificate; null when a trusted one is served, or none. */
export async function frontPin(env: Pick<Env, "publicUrl" | "keysDir" | "tlsCertFile">): Promise<string | null> {
  if (!env.publicUrl.startsWith("https:") || env.tlsCertFile !== null) return null;
  const text = await readFile(join(env.keysDir, "front.pin"), "utf8").catch(() => null);
  const match = text === null ? null : /^(?:sha256\/\/)?([A-Za-z0-9+/]{43}=)\s*$/.exec(text);
  return match === null ? null : `sha256//${match[1]}`;
}

/**
 * The one line to copy. It carries the centre's key, so that the host obeys this installation alone, whoever stands between. What is
 * quoted is base64; the address was parsed as a URL and the token is hex.
 */
export async function installCommand(
  env: Pick<Env, "publicUrl" | "keysDir" | "tlsCertFile">,
  centreKey: string,
  token: string,
): Promise<string> {
  const pin = await frontPin(env);
  const trust = pin === null ? "" : ` -k --pinnedpubkey '${pin}'`;
  const pinned = pin === null ? "" : ` --pin '${pin}'`;
  return `curl -fsSL${trust} ${env.publicUrl}/install.sh | sudo sh -s -- --url ${env.publicUrl}${pinned} --centre-key '${centreKey}' --token ${token}`;
}
