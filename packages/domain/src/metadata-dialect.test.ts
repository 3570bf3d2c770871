import { describe, expect, it } from "vitest";
import { dialectProblem, newGuestUuid } from "./metadata-dialect";

describe("a guest's uuid", () => {
  it("begins with ec2 where EC2 is spoken, and is a uuid everywhere", () => {
    expect(newGuestUuid("ec2")).toMatch(/^ec2[0-9a-f]{5}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(newGuestUuid("openstack")).toMatch(/^[0-9a-f]{8}-/);
    expect(newGuestUuid("ec2")).not.toBe(newGuestUuid("ec2"));
  });
});

describe("a dialect", () => {
  it("serves every instance but these", () => {
    const wish = { metadataTokens: "optional", addressModes: ["assigned"] } as const;
    for (const dialect of ["openstack", "ec2", "digitalocean", "nocloud"] as const) expect(dialectProblem({ ...wish, dialect })).toBeNull();
    expect(dialectProblem({ ...wish, dialect: "ec2", metadataTokens: "required" })).toBeNull();
    expect(dialectProblem({ ...wish, dialect: "nocloud", metadataTokens: "required" })).toMatch(/tokens are EC2's/);
    expect(dialectProblem({ ...wish, dialect: "digitalocean", addressModes: ["assigned", "learned"] })).toMatch(/own DHCP server/);
    expect(dialectProblem({ ...wish, dialect: "openstack", addressModes: ["learned"] })).toBeNull();
  });
});
