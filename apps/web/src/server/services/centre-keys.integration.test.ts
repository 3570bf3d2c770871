import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { type Centre, loadCentre } from "./centre";
import { adoptKeys, checkKeys } from "./centre-keys";
import { newSecretKey } from "./secrets";

let database: TestDatabase;
let root: string;
let machines = 0;
/** A machine with keys of its own; `secret` as INDIUM_SECRET_KEY. */
const machine = (secret: string | null = null, folder = `keys-${machines++}`): Promise<Centre> => loadCentre(join(root, folder), secret);
const [SESSION, OTHER_SESSION] = ["0123456789abcdef", "fedcba9876543210"] as const;

beforeAll(async () => {
  database = await startTestDatabase();
  root = await mkdtemp(join(tmpdir(), `indium-keys-${process.pid}-`));
});
afterAll(async () => {
  await database?.stop();
  await rm(root, { recursive: true, force: true });
});
beforeEach(() => database.reset());

it("takes the keys of the first process for the installation's, and any process that holds the same", async () => {
  const first = await machine();
  // A worker first, which has no key for sessions; then webs, several at once.
  await checkKeys(database.db, first);
  await Promise.all([1, 2, 3].map(() => checkKeys(database.db, first, SESSION)));
  expect(await database.db.installation.findUnique({ where: { id: 1 } })).toMatchObject({
    secretKeyId: first.keyring.current.id,
    sessionKeyId: SESSION,
  });
});

it("refuses a machine that made keys of its own, whichever key it is, and says which and what to do", async () => {
  const secret = newSecretKey();
  const first = await machine(secret, "shared");
  await checkKeys(database.db, first, SESSION);
  await expect(checkKeys(database.db, await machine(secret), SESSION)).rejects.toThrow(/another centre\.key .*INDIUM_KEYS_DIR.*adopt-keys/);
  await expect(checkKeys(database.db, await machine(null, "shared"), SESSION)).rejects.toThrow(/another secret\.key/);
  await expect(checkKeys(database.db, first, OTHER_SESSION)).rejects.toThrow(/another session\.key/);
  await checkKeys(database.db, first, SESSION);
});

it("lets the first of two machines win that start at once with keys of their own", async () => {
  const both = await Promise.all([machine(), machine()]);
  const outcomes = await Promise.allSettled(both.map((each) => checkKeys(database.db, each, SESSION)));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

it("follows a ring with a newer key, and refuses from then on whoever lacks it", async () => {
  const [old, fresh] = [newSecretKey(), newSecretKey()];
  await checkKeys(database.db, await machine(old, "ring"));
  await checkKeys(database.db, await machine(`${fresh},${old}`, "ring"));
  await expect(checkKeys(database.db, await machine(old, "ring"))).rejects.toThrow(/another secret\.key/);
  await checkKeys(database.db, await machine(fresh, "ring"));
});

it("takes other keys when it is told to", async () => {
  await checkKeys(database.db, await machine(), SESSION);
  const other = await machine();
  await adoptKeys(database.db, other, OTHER_SESSION);
  await checkKeys(database.db, other, OTHER_SESSION);
});
