import { createPublicKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../system/exec";
import { AllowedHosts } from "./addresses";
import { httpGet } from "./http-get";
import { pinOf } from "./pinned-tls";

const openssl = await run("openssl", ["version"]).then(
  () => true,
  () => false,
);
if (!openssl) console.warn("Pinned TLS: skipped, openssl is not installed.");

let directory: string;
let server: Server;
let origin: string;
let pin: string;
let requests = 0;

describe.skipIf(!openssl)("the centre's self-signed https", () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), `indium-tls-${process.pid}-`));
    const [key, certificate] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    await run("openssl", [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-keyout",
      key,
      "-out",
      certificate,
      "-subj",
      "/CN=elsewhere",
    ]);
    pin = pinOf(
      createPublicKey(new X509Certificate(readFileSync(certificate)).publicKey.export({ type: "spki", format: "pem" })).export({
        type: "spki",
        format: "der",
      }),
    );
    server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, response) => {
      requests += 1;
      response.end("hello");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    rmSync(directory, { recursive: true, force: true });
  });

  const get = (tlsPin: string | null) =>
    httpGet(`${origin}/x?signature=1`, {
      allowed: new AllowedHosts([]),
      trusted: { origin, tlsPin, bearerToken: "secret" },
      signal: AbortSignal.timeout(10_000),
    });

  it("is accepted by its pinned key, whatever its name", async () => {
    const response = await get(pin);
    expect((await response.toArray()).join("")).toBe("hello");
    expect(requests).toBe(1);
  });

  it("is refused by another key before anything is asked of it", async () => {
    await expect(get(`sha256//${"A".repeat(43)}=`)).rejects.toMatchObject({
      code: "image_unavailable",
      message: expect.stringContaining("another key"),
    });
    expect(requests).toBe(1);
  });

  it("is refused without a pin", async () => {
    await expect(get(null)).rejects.toThrow(/self-signed/);
    expect(requests).toBe(1);
  });
});
