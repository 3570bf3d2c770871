import { generateSealingKeyPair } from "@indium/tunnel/keys";
import { seal } from "@indium/tunnel/sealed-box";
import { expect, it } from "vitest";
import { openSecrets } from "./open-secrets";

const key = generateSealingKeyPair();
const instance = (text: string, context = "i-00000000000000001") => ({
  id: "i-00000000000000001" as const,
  name: "web-1",
  sealedSecrets: seal(key.publicKey, text, context),
});

it("opens what was sealed for this host and instance", () => {
  expect(openSecrets(key.privateKey, instance('{"userData":"#!/bin/sh"}'))).toEqual({ userData: "#!/bin/sh" });
  expect(openSecrets(key.privateKey, { ...instance(""), sealedSecrets: null })).toBeNull();
  expect(() => openSecrets(key.privateKey, instance("{}", "i-00000000000000002"))).toThrow(/another host or use/);
});

it("quotes nothing of what it cannot read", () => {
  for (const text of ["hunter2 is no JSON", '{"passwordHash": {"hunter2": 1}}']) {
    let said = "";
    try {
      openSecrets(key.privateKey, instance(text));
    } catch (error) {
      said = `${error} ${(error as Error).stack} ${JSON.stringify(error)} ${String((error as Error).cause)}`;
    }
    expect(said).toContain("web-1");
    expect(said).not.toContain("hunter2");
  }
});
