import { newId } from "@indium/contract/plain/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, furnish, makeInstance, makeOrganization, makeUser, type OrganizationFixture } from "../test-fixtures";
import type { Actor } from "./actor";

describe("search", () => {
  let test: TestDatabase;
  let own: OrganizationFixture;
  let foreign: OrganizationFixture;
  let actor: Actor;
  const found = async (text: string) =>
    (await callAs({ db: test.db, actor }).search.find({ organizationId: own.organizationId, text })).map(
      ({ kind, name }) => `${kind} ${name}`,
    );

  beforeAll(async () => {
    test = await startTestDatabase();
    own = await furnish(test.db, await makeOrganization(test.db));
    foreign = await furnish(test.db, await makeOrganization(test.db));
    await test.db.site.update({ where: { id: own.siteId }, data: { name: "100%_true" } });
    actor = await makeUser(test.db, { grants: [[own.organizationId, "viewer"]] });
    for (const [fixture, name] of [
      [own, "search-me"],
      [own, "then-search-me"],
      [foreign, "search-me-not"],
    ] as const) {
      const instanceId = await makeInstance(test.db, { ...fixture, name });
      if (name === "search-me")
        await test.db.nic.create({
          data: {
            id: newId("nic"),
            instanceId,
            networkId: own.networkId,
            position: 3,
            macAddress: "52:54:00:00:00:aa",
            ipv4: "10.77.0.99",
          },
        });
    }
  });
  afterAll(() => test?.stop());

  it("finds things of every kind in the organization, and nobody else's", async () => {
    expect(await found("search-me")).toEqual(["instance search-me", "instance then-search-me"]);
    const host = await test.db.host.findUniqueOrThrow({ where: { id: own.hostId } });
    expect(await found(host.name.toUpperCase())).toContain(`host ${host.name}`);
    for (const [id, kind] of [
      [own.hostId, "host"],
      [own.networkId, "network"],
      [own.siteId, "site"],
      [own.securityGroupId, "securityGroup"],
    ] as const)
      expect(
        (await found(id)).map((each) => each.split(" ")[0]),
        kind,
      ).toContain(kind);
    for (const id of [foreign.hostId, foreign.networkId, foreign.siteId, foreign.securityGroupId, foreign.instanceId])
      expect(await found(id)).toEqual([]);
  });

  it("finds by a whole address, and takes wildcards for what they are", async () => {
    expect(await found("10.77.0.99")).toEqual(["instance search-me"]);
    expect(await found("52:54:00:00:00:AA")).toEqual(["instance search-me"]);
    expect(await found("%_")).toEqual(["site 100%_true"]);
    expect(await found("10.77.0")).toEqual([]);
  });

  it("gives few of a kind, and leaves out what is deleted", async () => {
    for (let index = 0; index < 10; index++) await makeInstance(test.db, { ...own, name: `many-${index}` });
    expect(await found("many-")).toHaveLength(6);
    await test.db.instance.updateMany({ where: { name: { startsWith: "many-" } }, data: { desired: "gone", deletedAt: new Date() } });
    expect(await found("many-")).toEqual([]);
  });
});
