import { GIB } from "@indium/contract/plain/bytes";
import { newId } from "@indium/contract/plain/ids";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, makeOrganization, makeUser } from "../test-fixtures";

let test: TestDatabase;
let size: ReturnType<typeof callAs>["size"];
beforeAll(async () => {
  test = await startTestDatabase();
  await test.db.size.createMany({
    data: [
      { id: newId("size"), name: "small", vcpus: 1, memoryBytes: GIB, diskBytes: 10 * GIB, position: 1 },
      { id: newId("size"), name: "large", vcpus: 4, memoryBytes: 16 * GIB, diskBytes: 80 * GIB, position: 2 },
    ],
  });
  size = callAs({ db: test.db, actor: await makeUser(test.db, { installationAdmin: true }) }).size;
});
afterAll(() => test?.stop());

const names = async () => (await size.list()).map(({ name }) => name);
const medium = { name: "medium", vcpus: 2, memoryBytes: 4 * GIB, diskBytes: 40 * GIB };

it("puts a new size between its neighbours, and takes no name twice", async () => {
  await size.create(medium);
  expect(await names()).toEqual(["small", "medium", "large"]);
  await expect(size.create({ ...medium, name: "Medium" })).rejects.toMatchObject({ cause: { code: "already_exists", field: "name" } });
  await expect(size.create({ ...medium, name: "tiny", vcpus: 0 })).rejects.toThrow(/At least one/);
});

it("is changed by administrators of the installation alone, and not emptied", async () => {
  const organizationId = await makeOrganization(test.db);
  const owner = callAs({ db: test.db, actor: await makeUser(test.db, { grants: [[organizationId, "owner"]] }) });
  await expect(owner.size.create({ ...medium, name: "mine" })).rejects.toMatchObject({ cause: { code: "forbidden" } });
  for (const { id, name } of await size.list()) if (name !== "large") await size.delete({ sizeId: id });
  const [last] = await owner.size.list();
  await expect(size.delete({ sizeId: last?.id ?? newId("size") })).rejects.toMatchObject({ cause: { code: "precondition_failed" } });
  expect(await names()).toEqual(["large"]);
  expect((await test.db.auditEvent.findMany({ orderBy: { id: "asc" } })).map(({ action }) => action)).toEqual([
    "size.create",
    "size.delete",
    "size.delete",
  ]);
});
