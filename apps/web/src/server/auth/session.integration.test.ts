import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { makeUser } from "../test-fixtures";
import { actorOfCookies, sessionCookieName } from "./session";
import { sessionSecret } from "./session-secret";

let test: TestDatabase;
const keysDir = mkdtempSync(join(tmpdir(), `indium-keys-${process.pid}-`));
beforeAll(async () => {
  test = await startTestDatabase();
});
afterAll(async () => {
  await test?.stop();
  rmSync(keysDir, { recursive: true, force: true });
});

const publicUrl = "http://localhost:7780";

it("a session names its user until it expires, is forged, or was ended", async () => {
  const secret = sessionSecret(keysDir);
  expect(statSync(join(keysDir, "session.key")).mode & 0o777).toBe(0o600);
  const user = await makeUser(test.db);
  const cookie = async (claims: object, options: { secret?: string; maxAge?: number } = {}) =>
    `other=1; ${sessionCookieName(publicUrl)}=${await encode({ token: { sub: user.userId, ...claims }, secret, ...options })}`;
  const who = async (header: string | null) => (await actorOfCookies(test.db, header, { secret, publicUrl }))?.userId ?? null;

  expect(await who(await cookie({ epoch: 1 }))).toBe(user.userId);
  expect(await who(null)).toBeNull();
  expect(await who(`${sessionCookieName(publicUrl)}=garbage`)).toBeNull();
  expect(await who(await cookie({ epoch: 1 }, { secret: "somebody else's secret, long enough" }))).toBeNull();
  expect(await who(await cookie({ epoch: 1 }, { maxAge: -60 }))).toBeNull();
  expect(await who(await cookie({}))).toBeNull();
  const before = await cookie({ epoch: 1 });
  await test.db.user.update({ where: { id: user.userId }, data: { sessionEpoch: 2 } });
  expect(await who(before)).toBeNull();
  await test.db.user.update({ where: { id: user.userId }, data: { disabledAt: new Date() } });
  expect(await who(await cookie({ epoch: 2 }))).toBeNull();
});
