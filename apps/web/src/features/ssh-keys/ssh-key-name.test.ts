import { expect, test } from "vitest";
import { translatorFor } from "@/lib/i18n/testing";
import { nameFromKey } from "./ssh-key-name";

const english = translatorFor("sshKeys");
const named = (key: string) => nameFromKey(key, english);

test("a key is called by its comment, or by its kind", () => {
  expect(named("ssh-ed25519 AAAAC3Nz alice@laptop\n")).toBe("alice@laptop");
  expect(named("ssh-rsa AAAAB3Nz work laptop")).toBe("work laptop");
  expect(named("ssh-ed25519 AAAAC3Nz")).toBe("ed25519 key");
  expect(named("")).toBe("My key");
  expect(nameFromKey("ssh-ed25519 AAAAC3Nz", translatorFor("sshKeys", "de"))).toBe("ed25519-Schlüssel");
});
