import { AppError } from "@indium/contract/errors";
import { describe, expect, it } from "vitest";
import { parseSshPublicKey } from "./ssh-public-key";

/** Made for these tests by ssh-keygen, with its fingerprints; the private halves were thrown away. */
const KEYS = {
  ed25519: [
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILxX3ER6bUTZ2Z+v4sX8pa1XjB5Qjw5dJ5fHwQFpKBEh",
    "SHA256:IMznBPPon+vC9ewYyNfVA9cgYRJesNEFdOgQu0Mho+Y",
  ],
  rsa2048: [
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDHXGL3J0C7UUDsFaCk2D3CYLx11GpWj2vClzy8Jw5vgo9GAW3bGqiIE4cCs25o0G+LBSmYpmyeSxav7EiUGYJNtLChqMDH0yNdySlabrJxfFaKZ2uO5PfMe9K9LxX+Oba91gx+/WMufDF563akzImJ0u89wb2KvEtGMaMKVekYrLp/aGC+UuHextFjzjM1OVLnBGIfBhIVlYJX1t5/J8ymdFxmI3N98om5kviTxDmkWdLBoC3919xO0W3eU9ixPT6FwfC8IHUpYXgf9YDChcs/bUrLpdXNeq4n/CAaYwcs2VIKUBNenEPuEkjUOsChFpHFoDtJuW5YQxSwE6O8/059",
    "SHA256:8j9NvU9r4Aybr/pOcRkLfhh0B7a5F2Yo5RGdQBo5JKI",
  ],
  ecdsa256: [
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBP8+v9Tt1okoaoepITTGzhBcxgiZdtF4n3fGvRvFvXkIonA6OG2MmIvwEtu/+4xjfvhhe5hBiM5hEWaHwQ2tuPs=",
    "SHA256:Kl5tMdWTd0wB/IbtUt69/Mu+9EDt9sHFIPu/be4STDg",
  ],
  ecdsa521: [
    "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAC21xAop3wgacFT11nur5LQzeWUy09U36slm3udcdDqdgZeKPN3nelutMF61RR8+nC0BE0zgevgOBAmvtxqWVW/ywFTZM6qqmK88M8DvCvuMEZN9GEMMRIFeP/IOZQ+wg80gkTuP8WE4xXehDuGu9tppX8OwXKcZPcf0QJt2M1WFNs36g==",
    "SHA256:9z0Kxn95iODaThC0i60S1wPjbvmFDq6DOUI7lgzX6PA",
  ],
} as const;
const WEAK =
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDItYOuv3Is8nioW6S0fZ3pXw8OOV8qQAwD1oINlLqEYDNYc/DaAeVM1j5l2rSWoM80p7S0ixA7Kl56qxp38WqQfLCu+nm45+a1G6y9ib/oNA/IQi8YLe3e6DNZA+61eMxW/o0aHVbgf1zVp6joLPuQ7Zyx1wQrOxpoZP5AObwoKQ==";

function refusal(text: string): string {
  try {
    parseSshPublicKey(text);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "bad_request" && thrown.field === "publicKey") return thrown.message;
    throw thrown;
  }
  throw new Error("it was accepted");
}

describe("an SSH public key", () => {
  it.each(Object.entries(KEYS))("of type %s has ssh-keygen's fingerprint", (_, [line, fingerprint]) => {
    expect(parseSshPublicKey(`  ${line}   Ada's laptop \n`)).toEqual({
      line: `${line} Ada's laptop`,
      comment: "Ada's laptop",
      fingerprint,
    });
    expect(parseSshPublicKey(line).line).toBe(line);
  });
  it("of an RSA key too short for today's guests is refused with its size", () => {
    expect(refusal(WEAK)).toContain("1024 bits");
  });
  it("is not a private key", () => {
    expect(refusal("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n-----END OPENSSH PRIVATE KEY-----")).toContain("private key");
  });
  it("is one line without options", () => {
    expect(refusal(`${KEYS.ed25519[0]}\n${KEYS.ecdsa256[0]}`)).toContain("one line");
    expect(refusal(`command="rm -rf /" ${KEYS.ed25519[0]}`)).toContain("not an OpenSSH public key");
  });
  it("is whole", () => {
    expect(refusal(KEYS.ed25519[0].slice(0, -8))).toContain("damaged");
    expect(refusal(KEYS.ed25519[0].replace("ssh-ed25519 ", "ssh-rsa "))).toContain("damaged");
    expect(refusal(`${KEYS.ed25519[0]}AAAA`)).toContain("damaged");
  });
  it("carries no control characters on", () => {
    expect(parseSshPublicKey(`${KEYS.ed25519[0]} a\u001b[31mb\u0007`).comment).toBe("a[31mb");
  });
});
