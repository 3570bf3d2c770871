import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSigningKeyPair, keyId, publicKeyToPem } from "@indium/tunnel/keys";
import { afterEach, beforeEach, expect, it } from "vitest";
import { TrustedRelays } from "./trusted-relays";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "indium-relays-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it("trusts a relay from when its key is in the folder until it is taken out, without a restart", async () => {
  let ms = 0;
  const relays = new TrustedRelays(directory, () => ms);
  const { publicKey } = generateSigningKeyPair();
  const file = join(directory, "rome.pub");
  expect(await relays.nameOf(publicKey)).toBeNull();
  await writeFile(file, publicKeyToPem("ed25519", publicKey));
  expect(await relays.nameOf(publicKey), "the folder was read a moment ago").toBeNull();
  ms += 1_000;
  expect(await relays.nameOf(publicKey)).toBe("rome");
  await rm(file);
  ms += 4_999;
  expect(await relays.publicKey(keyId(publicKey))).toBe(publicKey);
  ms += 1;
  expect(await relays.publicKey(keyId(publicKey))).toBeNull();
});
