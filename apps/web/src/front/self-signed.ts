import { createPrivateKey, createPublicKey } from "node:crypto";
import { isIP } from "node:net";
// A file of its own, loaded when needed, that names what it takes: a bundled `await import()` of the package itself has a default only.
import { generate } from "selfsigned";

/** @param key PEM, kept by the caller. @param names DNS names and addresses; the first is the common name. @returns PEM */
export async function selfSignedCertificate(key: string, names: readonly string[], notAfterDate: Date): Promise<string> {
  const publicKey = createPublicKey(createPrivateKey(key)).export({ format: "pem", type: "spki" }).toString();
  const made = await generate([{ name: "commonName", value: names[0] ?? "indium" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    keyPair: { privateKey: key, publicKey },
    notAfterDate,
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })) },
    ],
  });
  return made.cert;
}
