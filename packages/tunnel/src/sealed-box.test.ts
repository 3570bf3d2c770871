import { describe, expect, it } from "vitest";
import { generateSealingKeyPair } from "./keys";
import { open, seal } from "./sealed-box";

const host = generateSealingKeyPair();
const other = generateSealingKeyPair();
const context = "instance:i-0123456789abcdef0:password";

describe("a sealed box", () => {
  const box = seal(host.publicKey, "correct horse", context);

  it("opens for its host and context", () => {
    expect(open(host.privateKey, JSON.parse(JSON.stringify(box)), context).toString()).toBe("correct horse");
    expect(seal(host.publicKey, "correct horse", context).ciphertext).not.toBe(box.ciphertext);
  });

  it("stays shut for another host, another instance, and after any change", () => {
    const refused = "could not be opened";
    expect(() => open(other.privateKey, box, context)).toThrow(refused);
    expect(() => open(host.privateKey, box, "instance:i-00000000000000001:password")).toThrow(refused);
    const bytes = Buffer.from(box.ciphertext, "base64");
    bytes[0]! ^= 1;
    expect(() => open(host.privateKey, { ...box, ciphertext: bytes.toString("base64") }, context)).toThrow(refused);
    expect(() => open(host.privateKey, { ...box, ciphertext: "" }, context)).toThrow(refused);
    expect(() => open(host.privateKey, { ...box, ephemeralKey: other.publicKey }, context)).toThrow(refused);
    expect(() => open(host.privateKey, "box", context)).toThrow(refused);
  });
});
