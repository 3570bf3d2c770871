import { newId } from "@indium/contract/plain/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, furnish, makeOrganization, makeUser, type OrganizationFixture } from "../test-fixtures";
import type { Actor } from "./actor";
import { desiredGroups } from "./security-group-members";
import { createDefaultGroup } from "./security-groups";

describe("security groups", () => {
  let test: TestDatabase;
  let own: OrganizationFixture;
  let actor: Actor;
  let nicId: string;
  const api = () => callAs({ db: test.db, actor });
  const open = { direction: "in", protocol: "tcp", fromPort: 80, toPort: 80, cidr: "10.9.8.7/8", description: "" } as const;
  const generation = async (): Promise<number> => (await test.db.host.findUniqueOrThrow({ where: { id: own.hostId } })).desiredGeneration;

  beforeAll(async () => {
    test = await startTestDatabase();
    const organizationId = await makeOrganization(test.db);
    own = await furnish(test.db, organizationId);
    actor = await makeUser(test.db, { grants: [[organizationId, "operator"]] });
    nicId = newId("nic");
    await test.db.nic.deleteMany({ where: { instanceId: own.instanceId } });
    await test.db.nic.create({
      data: {
        id: nicId,
        instanceId: own.instanceId,
        networkId: own.networkId,
        position: 0,
        macAddress: "52:54:00:00:00:01",
        ipv4: "10.77.0.50",
      },
    });
  });
  afterAll(() => test?.stop());

  it("are made, changed on running instances at once, and kept while in use", async () => {
    const { organizationId } = own;
    const group = await api().securityGroup.create({ organizationId, name: "web", rules: [open] });
    // Host bits are dropped, as a firewall would.
    expect(group.rules).toMatchObject([{ cidr: "10.0.0.0/8", fromPort: 80, remoteGroupName: null }]);
    await expect(api().securityGroup.create({ organizationId, name: "web" })).rejects.toMatchObject({ code: "CONFLICT" });
    const before = await test.db.instance.findUniqueOrThrow({ where: { id: own.instanceId } });
    const raised = await generation();
    await api().instance.setSecurityGroups({ instanceId: own.instanceId as "i-", nicId: nicId as "nic-", securityGroupIds: [group.id] });
    const after = await test.db.instance.findUniqueOrThrow({ where: { id: own.instanceId } });
    expect(after.desiredGeneration).toBe(before.desiredGeneration + 1);
    expect(await generation()).toBe(raised + 1);
    await api().securityGroup.update({ securityGroupId: group.id, rules: [] });
    expect(await generation()).toBe(raised + 2);
    // A name changes nothing on a host.
    expect((await api().securityGroup.update({ securityGroupId: group.id, name: "www" })).name).toBe("www");
    expect(await generation()).toBe(raised + 2);
    await expect(api().securityGroup.delete({ securityGroupId: group.id })).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
    await api().instance.setSecurityGroups({ instanceId: own.instanceId as "i-", nicId: nicId as "nic-", securityGroupIds: [] });
    await api().securityGroup.delete({ securityGroupId: group.id });
    const actions = await test.db.auditEvent.findMany({
      where: { organizationId, action: { startsWith: "securityGroup." } },
      select: { action: true },
    });
    expect(actions.map((each) => each.action).sort()).toEqual([
      "securityGroup.create",
      "securityGroup.delete",
      "securityGroup.update",
      "securityGroup.update",
    ]);
  });

  it("as a rule's other side are their members' addresses, and cannot go while named", async () => {
    const { organizationId } = own;
    const clients = await api().securityGroup.create({ organizationId, name: "clients" });
    const rule = { ...open, cidr: null, remoteGroupId: clients.id };
    const servers = await api().securityGroup.create({ organizationId, name: "servers", rules: [rule] });
    expect(servers.rules[0]?.remoteGroupName).toBe("clients");
    const remotes = async () => (await test.db.$transaction((tx) => desiredGroups(tx, [servers.id])))[0]?.rules[0]?.remotes;
    expect(await remotes()).toEqual([]);
    await api().instance.setSecurityGroups({ instanceId: own.instanceId as "i-", nicId: nicId as "nic-", securityGroupIds: [clients.id] });
    expect(await remotes()).toEqual(["10.77.0.50/32"]);
    await expect(api().securityGroup.delete({ securityGroupId: clients.id })).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
    await api().instance.setSecurityGroups({ instanceId: own.instanceId as "i-", nicId: nicId as "nic-", securityGroupIds: [] });
    await expect(api().securityGroup.delete({ securityGroupId: clients.id })).rejects.toMatchObject({
      message: "A rule of the group servers names clients. Change that rule first.",
    });
  });

  it("of other organizations are nobody's to use", async () => {
    const foreign = await furnish(test.db, await makeOrganization(test.db));
    const rule = { ...open, cidr: null, remoteGroupId: foreign.securityGroupId as "sg-" };
    await expect(api().securityGroup.create({ organizationId: own.organizationId, name: "spy", rules: [rule] })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(
      api().instance.setSecurityGroups({
        instanceId: own.instanceId as "i-",
        nicId: nicId as "nic-",
        securityGroupIds: [foreign.securityGroupId as "sg-"],
      }),
    ).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("have a default of which there is one, and which stays", async () => {
    const organizationId = await makeOrganization(test.db);
    await test.db.$transaction((tx) => createDefaultGroup(tx, organizationId));
    const someone = callAs({ db: test.db, actor: await makeUser(test.db, { grants: [[organizationId, "owner"]] }) });
    const [group] = await someone.securityGroup.list({ organizationId });
    expect(group).toMatchObject({ name: "default", isDefault: true });
    expect(group?.rules).toHaveLength(6);
    await expect(someone.securityGroup.delete({ securityGroupId: group?.id ?? "sg-" })).rejects.toMatchObject({
      code: "PRECONDITION_FAILED",
    });
    await expect(test.db.$transaction((tx) => createDefaultGroup(tx, organizationId))).rejects.toThrow();
  });
});
