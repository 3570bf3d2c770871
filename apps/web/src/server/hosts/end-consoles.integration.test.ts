import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateKeyToPem } from "@indium/tunnel/keys";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { hashPassword } from "../auth/password";
import { startTestCentre, type TestCentre } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, makeOrganization, makeUser } from "../test-fixtures";

let database: TestDatabase;
let centre: TestCentre;

beforeAll(async () => {
  database = await startTestDatabase();
  centre = await startTestCentre(database);
  // The procedures load the centre's key from the keys folder, as in life.
  vi.stubEnv("INDIUM_KEYS_DIR", centre.keysDir);
  await writeFile(join(centre.keysDir, "centre.key"), privateKeyToPem(centre.signer.keyPair.privateKey), { mode: 0o600 });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await centre?.stop();
  await database?.stop();
});
beforeEach(async () => {
  await database.reset();
  await centre.registerRelay();
  centre.relay.endedUsers.length = 0;
});

it("ends the open consoles of whoever loses the right to them, and nobody else's", async () => {
  const { db } = database;
  const organizationId = await makeOrganization(db);
  const owner = await makeUser(db, { grants: [[organizationId, "owner"]] });
  const admin = await makeUser(db, { grants: [[organizationId, "admin"]] });
  const asOwner = callAs({ db, actor: owner });
  await asOwner.member.updateRole({ organizationId, userId: admin.userId, role: "operator" });
  expect(centre.relay.endedUsers).toEqual([]);
  await asOwner.member.updateRole({ organizationId, userId: admin.userId, role: "viewer" });
  expect(centre.relay.endedUsers).toEqual([admin.userId]);
  await asOwner.member.remove({ organizationId, userId: admin.userId });
  expect(centre.relay.endedUsers).toEqual([admin.userId, admin.userId]);
});

it("ends those of a provider's people when it manages an organization no more", async () => {
  const { db } = database;
  const provider = await makeOrganization(db, { isProvider: true });
  const customer = await makeOrganization(db, { providerId: provider });
  const admin = await makeUser(db, { installationAdmin: true });
  await makeUser(db, { grants: [[customer, "owner"]] });
  const technician = await makeUser(db, { grants: [[provider, "operator"]] });
  const update = callAs({ db, actor: admin }).organization.updateProvider;
  await update({ organizationId: customer, isProvider: false, providerId: provider });
  expect(centre.relay.endedUsers).toEqual([]);
  await update({ organizationId: customer, isProvider: false, providerId: null });
  expect(centre.relay.endedUsers).toEqual([technician.userId]);
});

it("ends them with the sessions when a password is changed", async () => {
  const { db } = database;
  const user = await makeUser(db);
  await db.user.update({ where: { id: user.userId }, data: { passwordHash: await hashPassword("correct horse battery") } });
  await callAs({ db, actor: user }).account.changePassword({
    currentPassword: "correct horse battery",
    newPassword: "another horse, another battery",
  });
  expect(centre.relay.endedUsers).toEqual([user.userId]);
});

it("takes the access back also when no relay answers", async () => {
  const { db } = database;
  await db.relay.updateMany({ data: { rpcUrl: "http://127.0.0.1:1" } });
  const organizationId = await makeOrganization(db);
  const owner = await makeUser(db, { grants: [[organizationId, "owner"]] });
  const operator = await makeUser(db, { grants: [[organizationId, "operator"]] });
  await callAs({ db, actor: owner }).member.remove({ organizationId, userId: operator.userId });
  expect(await db.grant.count({ where: { userId: operator.userId } })).toBe(0);
});
