import { HostPageInput } from "@indium/contract/api/host-views";
import { InstanceListInput, InstanceSort, OperationListInput } from "@indium/contract/api/instance-views";
import type { HostId, InstanceId, OrganizationId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { MAX_ACT_MANY } from "@indium/contract/plain/lists";
import { DesiredState, DisplayedState, HostState, ObservedState } from "@indium/contract/states";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, makeHost, makeImage, makeInstance, makeOrganization, makeUser } from "../test-fixtures";
import type { Actor } from "./actor";
import { pageOfHosts } from "./host-list";
import { instanceFilterOptions, listInstances } from "./instance-list";
import { listOperations } from "./operation-list";

const NOW = new Date("2026-11-21T12:00:00Z");
const SITES = ["Rome", "Berlin"] as const;

let test: TestDatabase;
let organizationId: OrganizationId;
let sites: string[];
let hosts: string[];
let owner: Actor;
const scope = () => ({ id: organizationId, name: "Acme", providerId: null, role: "owner", viaProvider: false }) as const;

/** Every wish × every observation × both generations, over hosts that answer, that do not, that never did, and none. */
beforeAll(async () => {
  test = await startTestDatabase();
  const { db } = test;
  organizationId = await makeOrganization(db, { name: "Acme" });
  owner = await makeUser(db, { grants: [[organizationId, "owner"]] });
  sites = SITES.map(() => newId("site"));
  await db.site.createMany({ data: SITES.map((name, index) => ({ id: sites[index] ?? "", organizationId, name })) });
  const imageId = await makeImage(db, { organizationId, name: "Debian 12" });
  hosts = [];
  for (const [index, lease] of [10_000, -10_000, null].entries()) {
    const id = await makeHost(db, { organizationId, siteId: sites[index % 2] ?? null, name: `rack-${index}` });
    await db.host.update({ where: { id }, data: { leaseExpiresAt: lease === null ? null : new Date(NOW.getTime() + lease) } });
    hosts.push(id);
  }
  let number = 0;
  for (const desired of DesiredState.options)
    for (const observed of [null, ...ObservedState.options])
      for (const [appliedGeneration, hostId] of [1, 2].flatMap((applied) => [...hosts, null].map((host) => [applied, host] as const))) {
        const id = await makeInstance(db, { organizationId, imageId, hostId, name: `vm-${String(number).padStart(3, "0")}` });
        await db.instance.update({
          where: { id },
          data: {
            desired,
            desiredGeneration: 2,
            // Many at one moment: the id has to tell them apart.
            createdAt: new Date(NOW.getTime() - Math.floor(number / 7) * 1_000),
            tags: { tier: number % 2 === 0 ? "web" : "db", ...(number % 3 === 0 ? { "odd key": 'a "quoted" value' } : {}) },
            ...(observed === null
              ? {}
              : { runtime: { create: { observedState: observed, observedGeneration: 1, appliedGeneration, observedAt: NOW } } }),
          },
        });
        number += 1;
      }
  await makeInstance(db, { organizationId: await makeOrganization(db), imageId, name: "vm-elsewhere" });
});
afterAll(() => test?.stop());

const list = (over: object = {}) => listInstances(test.db, scope(), InstanceListInput.parse({ organizationId, limit: 200, ...over }), NOW);

/** Every row that matches, page by page. */
async function walk(over: object = {}) {
  const items: Awaited<ReturnType<typeof list>>["items"] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof list>> = await list({ ...over, cursor });
    expect(page.total === null).toBe(cursor !== null);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

describe("a list of instances", () => {
  it("filters by displayed state exactly as the displayed state says", async () => {
    const all = await walk();
    expect(all).toHaveLength(DesiredState.options.length * (ObservedState.options.length + 1) * 2 * 4);
    expect(new Set(all.map((item) => item.state)).size).toBe(DisplayedState.options.length);
    for (const state of DisplayedState.options) {
      const expected = all.filter((item) => item.state === state).map((item) => item.id);
      expect((await walk({ state })).map((item) => item.id).sort(), state).toEqual(expected.sort());
      expect((await list({ state })).total).toBe(expected.length);
    }
  });

  it.each(InstanceSort.options.flatMap((sort) => [[sort, "asc"] as const, [sort, "desc"] as const]))(
    "walks every page by %s %s, in order, without repeating or skipping",
    async (sort, direction) => {
      const whole = await walk({ sort, direction });
      expect(new Set(whole.map((item) => item.id)).size).toBe((await list()).total);
      expect((await walk({ sort, direction, limit: 37 })).map((item) => item.id)).toEqual(whole.map((item) => item.id));
      const of = (item: (typeof whole)[number]) =>
        ({ created: item.createdAt.toISOString(), name: item.name, state: item.state, host: item.hostName ?? "" })[sort];
      const keys = whole.map(of);
      expect(keys).toEqual(direction === "asc" ? [...keys].sort() : [...keys].sort().reverse());
    },
  );

  it("answers for one stretch of the list, whatever was made before it", async () => {
    const first = await list({ limit: 20 });
    const second = await list({ limit: 20, cursor: first.nextCursor });
    const imageId = await makeImage(test.db, { organizationId });
    const newer = await makeInstance(test.db, { organizationId, imageId, name: "newer" });
    await test.db.instance.update({ where: { id: newer }, data: { createdAt: new Date(NOW.getTime() + 1_000) } });
    const again = await list({ limit: 200, cursor: first.nextCursor, until: second.nextCursor });
    expect(again.items.map((item) => item.id)).toEqual(second.items.map((item) => item.id));
    expect(again.nextCursor).toBeNull();
    const top = await list({ limit: 200, until: first.nextCursor });
    expect(top.items.map((item) => item.id)).toEqual([newer, ...first.items.map((item) => item.id)]);
    await test.db.instance.delete({ where: { id: newer } });
  });

  it("filters by site, host and tag, and searches what people know", async () => {
    const all = await walk();
    const names = async (over: object) => (await walk(over)).map((item) => item.name).sort();
    const of = (keep: (item: (typeof all)[number]) => boolean) => all.filter(keep).map((item) => item.name).sort(); // biome-ignore format: one line
    expect(await names({ siteId: sites[1] })).toEqual(of((item) => item.siteName === "Berlin"));
    expect(await names({ hostId: hosts[0] })).toEqual(of((item) => item.hostId === (hosts[0] as HostId)));
    expect(await names({ tag: { key: "tier", value: "web" } })).toEqual(of((item) => item.tags.tier === "web"));
    expect(await names({ tag: { key: "odd key", value: null } })).toEqual(of((item) => "odd key" in item.tags));
    expect(await names({ tag: { key: "odd key", value: 'a "quoted" value' } })).toEqual(of((item) => "odd key" in item.tags));
    expect(await names({ tag: { key: "tier", value: "nonsense" } })).toEqual([]);
    expect(await names({ search: "VM-00" })).toEqual(of((item) => item.name.startsWith("vm-00")));
    expect(await names({ search: "rack-1" })).toEqual(of((item) => item.hostName === "rack-1"));
    expect(await names({ search: "debian" })).toHaveLength(all.length);
    expect(await names({ search: "%" })).toEqual([]);
    expect(await names({ search: all[5]?.id })).toEqual([all[5]?.name]);
    expect(await names({ search: "vm-001", state: "creating" })).toEqual(of((item) => item.name === "vm-001" && item.state === "creating"));
  });

  it("finds an instance by its address, the beginning of it, one its LAN gave, and its MAC address", async () => {
    const [hostId = ""] = hosts;
    const networkId = newId("network");
    await test.db.network.create({
      data: { id: networkId, organizationId, hostId, name: "lan", kind: "nat", ipv4Cidr: "10.9.0.0/24", ipv4Gateway: "10.9.0.1" },
    });
    const [one, two] = (await walk({ hostId })).filter((item) => item.state === "running" || item.state === "starting");
    const nic = async (instanceId: string | undefined, macAddress: string, ipv4: string | null) => {
      const id = newId("nic");
      await test.db.nic.create({ data: { id, instanceId: instanceId ?? "", networkId, position: 0, macAddress, ipv4 } });
      return id;
    };
    await nic(one?.id, "52:54:00:aa:bb:01", "10.9.0.17");
    const learning = await nic(two?.id, "52:54:00:aa:bb:02", null);
    await test.db.instanceRuntime.update({ where: { instanceId: two?.id ?? "" }, data: { learnedAddresses: { [learning]: "10.9.0.99" } } });
    const names = async (search: string) => (await list({ search })).items.map((item) => item.name).sort();
    expect(await names("10.9.0.17")).toEqual([one?.name]);
    expect(await names("10.9.0.")).toEqual([one?.name, two?.name].sort());
    expect(await names("10.9.0.99")).toEqual([two?.name]);
    expect(await names("52:54:00:AA:BB:02")).toEqual([two?.name]);
    expect(await names("9.0.17")).toEqual([]);
  });

  it("refuses a cursor that is none, in words", async () => {
    for (const cursor of [
      "nonsense",
      Buffer.from('["2026",3]').toString("base64url"),
      Buffer.from('["never","i-1"]').toString("base64url"),
    ])
      await expect(list({ cursor })).rejects.toMatchObject({ code: "bad_request" });
    await expect(list({ sort: "name", until: Buffer.from('["a\\u0000","i-1"]').toString("base64url") })).rejects.toMatchObject({
      code: "bad_request",
    });
  });

  it("offers what it can be narrowed down by", async () => {
    const { sites, hosts, tags } = await instanceFilterOptions(test.db, organizationId);
    expect(sites.map((site) => site.name)).toEqual(["Berlin", "Rome"]);
    expect(hosts.map((host) => host.name)).toEqual(["rack-0", "rack-1", "rack-2"]);
    const half = ((await list()).total ?? 0) / 2;
    expect(tags.slice(0, 2)).toEqual([
      { key: "tier", value: "db", instances: half },
      { key: "tier", value: "web", instances: half },
    ]);
  });
});

describe("a list of hosts", () => {
  const page = (over: object = {}) => pageOfHosts(test.db, organizationId, HostPageInput.parse({ organizationId, ...over }), NOW);

  it("filters by state exactly as the state shown says, and sorts and pages", async () => {
    const all = (await page({ direction: "asc" })).items;
    expect(all.map((host) => [host.name, host.state])).toEqual([
      ["rack-0", "online"],
      ["rack-1", "unreachable"],
      ["rack-2", "pending"],
    ]);
    for (const state of HostState.options) {
      const shown = await page({ state, direction: "asc" });
      expect(shown.items.map((host) => host.name)).toEqual(all.filter((host) => host.state === state).map((host) => host.name));
    }
    for (const sort of ["name", "state", "site", "enrolled"] as const) {
      const one = await page({ sort, limit: 2 });
      const two = await page({ sort, limit: 2, cursor: one.nextCursor });
      expect([...one.items, ...two.items].map((host) => host.name).sort(), sort).toEqual(["rack-0", "rack-1", "rack-2"]);
      expect([one.total, two.total, two.nextCursor]).toEqual([3, null, null]);
    }
    expect((await page({ search: "berl" })).items.map((host) => host.name)).toEqual(["rack-1"]);
    expect((await page({ siteId: sites[0] })).total).toBe(2);
  });
});

describe("one action on many instances", () => {
  const actMany = (instanceIds: readonly string[], action: "stop" | "delete", actor = owner) =>
    callAs({ db: test.db, actor, now: () => NOW }).instance.actMany({
      organizationId,
      instanceIds: instanceIds as InstanceId[],
      action,
    });

  it("has an outcome for each, in the order asked: one refused stops none of the others, and every one is audited", async () => {
    const [running] = (await list({ state: "running" })).items;
    const [stopped] = (await list({ state: "stopped" })).items;
    const [failed] = (await list({ state: "failed" })).items;
    const nobody = newId("instance");
    const asked = [stopped?.id ?? "", running?.id ?? "", nobody, failed?.id ?? "", running?.id ?? ""];
    const { items } = await actMany(asked, "stop");
    expect(items).toEqual([
      {
        accepted: false,
        instanceId: stopped?.id,
        error: { code: "action_denied", message: "The instance is already stopped." },
      },
      { accepted: true, instanceId: running?.id, operationId: expect.stringMatching(/^op-/) },
      { accepted: false, instanceId: nobody, error: expect.objectContaining({ code: "not_found" }) },
      { accepted: true, instanceId: failed?.id, operationId: expect.stringMatching(/^op-/) },
    ]);
    const audited = await test.db.auditEvent.findMany({ where: { action: "instance.stop" } });
    expect(Object.fromEntries(audited.map((event) => [event.targetId, event.result]))).toEqual({
      [running?.id ?? ""]: "success",
      [failed?.id ?? ""]: "success",
      [stopped?.id ?? ""]: "denied",
      [nobody]: "denied",
    });
    expect(audited.every((event) => event.actorId === owner.userId)).toBe(true);
    const open = await listOperations(test.db, OperationListInput.parse({ organizationId, state: "open" }));
    expect(open.items.map((operation) => operation.instanceId).sort()).toEqual([running?.id, failed?.id].sort());
    expect([open.total, open.items[0]?.kind]).toEqual([2, "instance.stop"]);
    const found = await listOperations(test.db, OperationListInput.parse({ organizationId, search: running?.name }));
    expect(found.items.map((operation) => operation.instanceName)).toEqual([running?.name]);
    expect((await listOperations(test.db, OperationListInput.parse({ organizationId, state: "failed" }))).total).toBe(0);
    const ids = open.items.slice(1).map((operation) => operation.id);
    expect((await listOperations(test.db, OperationListInput.parse({ organizationId, ids }))).items).toEqual(open.items.slice(1));
  });

  it("reaches nothing of another organization, takes no more than its bound, and asks for the action's permission", async () => {
    const other = await test.db.instance.findFirstOrThrow({ where: { name: "vm-elsewhere" } });
    const { items } = await actMany([other.id], "delete");
    expect(items).toMatchObject([{ accepted: false, error: { code: "not_found" } }]);
    expect((await test.db.instance.findUniqueOrThrow({ where: { id: other.id } })).desired).toBe("running");
    await expect(
      actMany(
        Array.from({ length: MAX_ACT_MANY + 1 }, () => newId("instance")),
        "stop",
      ),
    ).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
    const viewer = await makeUser(test.db, { grants: [[organizationId, "viewer"]] });
    await expect(actMany([other.id], "stop", viewer)).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});
