import { expect, test } from "vitest";
import { nameFromKey } from "./ssh-key-name";

test("a key is called by its comment, or by its kind", () => {
  expect(nameFromKey("ssh-ed25519 AAAAC3Nz alice@laptop\n")).toBe("alice@laptop");
  expect(nameFromKey("ssh-rsa AAAAB3Nz work laptop")).toBe("work laptop");
  expect(nameFromKey("ssh-ed25519 AAAAC3Nz")).toBe("ed25519 key");
  expect(nameFromKey("")).toBe("My key");
});
