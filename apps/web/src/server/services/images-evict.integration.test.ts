import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { furnish, makeOrganization, makeUser, type OrganizationFixture } from "../test-fixtures";
import type { Acting } from "./audit";
import { evictCopy, listImages } from "./images";

let test: TestDatabase;
let fixture: OrganizationFixture;
let acting: Acting;

beforeAll(async () => {
  test = await startTestDatabase();
  const organizationId = await makeOrganization(test.db);
  fixture = await furnish(test.db, organizationId);
  const actor = await makeUser(test.db, { grants: [[organizationId, "owner"]] });
  acting = { db: test.db, actor, remoteAddress: "192.0.2.7", now: () => new Date() };
  const { imageId, hostId } = fixture;
  await test.db.image.update({ where: { id: imageId }, data: { sha256: "a".repeat(64) } });
  await test.db.imageCopy.create({ data: { imageId, hostId, state: "ready", path: "/images/a", sizeBytes: 7n } });
});
afterAll(() => test?.stop());

it("removes a host's copy when nothing there is made of it, tells of it, and forgets nothing when the host refuses", async () => {
  const { db } = test;
  const { organizationId, imageId, hostId, instanceId } = fixture;
  const asked: string[] = [];
  const evict = (answer: () => Promise<{ freedBytes: number }>) =>
    evictCopy(acting, organizationId, { hostId, imageId }, (sha256) => {
      asked.push(sha256);
      return answer();
    });
  const copies = async () => (await listImages(db, organizationId)).find((image) => image.id === imageId)?.copies;
  expect(await copies()).toMatchObject([{ path: "/images/a", sizeBytes: 7, instanceCount: 1 }]);
  await expect(evict(async () => ({ freedBytes: 7 }))).rejects.toMatchObject({ code: "precondition_failed" });
  expect(asked).toEqual([]);
  await db.instance.update({ where: { id: instanceId }, data: { deletedAt: new Date(), desired: "gone" } });
  await expect(evict(() => Promise.reject(new Error("away")))).rejects.toThrow("away");
  expect(await copies()).toMatchObject([{ instanceCount: 0 }]);
  expect(await evict(async () => ({ freedBytes: 7 }))).toEqual({ freedBytes: 7 });
  expect(asked.at(-1)).toBe("a".repeat(64));
  expect(await copies()).toEqual([]);
  expect(await db.auditEvent.findFirst({ where: { action: "image.evict" } })).toMatchObject({ targetId: imageId, detail: { hostId } });
  await expect(evict(async () => ({ freedBytes: 7 }))).rejects.toMatchObject({ code: "not_found" });
});
