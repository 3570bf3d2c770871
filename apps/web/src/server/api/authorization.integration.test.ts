import { AppError } from "@indium/contract/errors";
import { newId } from "@indium/contract/plain/ids";
import { Role } from "@indium/contract/states";
import { type Permission, roleMay } from "@indium/domain/policy";
import { TRPCError } from "@trpc/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Db } from "../db";
import type { Actor } from "../services/actor";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, furnish, makeOrganization, makeUser, type OrganizationFixture } from "../test-fixtures";
import { appRouter } from "./root";
import type { Access } from "./trpc";

/**
 * Every procedure × every role × own, managed and foreign organization, against the policy table. Reads are carried out;
 * a write is stopped at its first touch of the database, which is past the authorization and before any harm.
 */
class Reached extends Error {}

const WRITES = new Set(["create", "createMany", "createManyAndReturn", "update", "updateMany", "upsert", "delete", "deleteMany"]);

function readOnly(db: Db): Db {
  const reached = () => {
    throw new Reached();
  };
  return new Proxy(db, {
    get: (target, name) => {
      if (name === "$transaction" || name === "$executeRaw" || name === "$executeRawUnsafe") return reached;
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "object" || value === null || typeof name !== "string" || name.startsWith("$")) return value;
      return new Proxy(value, { get: (model, method) => (WRITES.has(String(method)) ? reached : Reflect.get(model, method, model)) });
    },
  });
}

interface Procedure {
  readonly path: string;
  readonly type: string;
  readonly access: Access | undefined;
}
const procedures: Procedure[] = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string; meta?: { access?: Access } } }>,
).map(([path, { _def }]) => ({ path, type: _def.type, access: _def.meta?.access }));

/** One input for all: each procedure's schema takes what it knows and strips the rest. */
function inputFor(fixture: OrganizationFixture, path: string): Record<string, unknown> {
  const common = {
    ...fixture,
    id: fixture.instanceId,
    sizeId: newId("size"),
    name: "walk",
    siteName: "Walk",
    organizationName: "Walk",
    role: "viewer",
    email: "walk@example.org",
    password: "correct horse battery",
    account: { name: "Walk", email: "walk@example.org", password: "correct horse battery" },
    currentPassword: "correct horse battery",
    newPassword: "correct horse battery staple",
    token: "not-a-token",
    publicKey: "ssh-ed25519 AAAA",
    url: "https://images.example.org/disk.qcow2",
    kind: "nat",
    mode: "control",
    requestKey: "walk-request-key",
    action: "start",
    isProvider: false,
    providerId: null,
    userData: "#cloud-config\n",
    reason: "walked past",
    minutes: 60,
    give: true,
    text: "walk",
    peerId: fixture.hostId,
  };
  // Where one name means two things.
  const special: Record<string, Record<string, unknown>> = {
    "instance.create": { networkId: null, hostId: null, siteId: null },
    "audit.list": { action: null },
    "audit.ofInstallation": { action: null },
    "instance.openConsole": { kind: "vnc" },
    "size.create": { vcpus: 1, memoryBytes: 2 ** 30, diskBytes: 10 * 2 ** 30 },
    "share.open": { kind: "vnc" },
    "instance.actMany": { instanceIds: [fixture.instanceId] },
    "instance.setSecurityGroups": { securityGroupIds: [fixture.securityGroupId] },
    "instance.replaceSecrets": { password: { kind: "keep" }, userData: { kind: "keep" } },
  };
  return { ...common, ...special[path] };
}

type Outcome = "allowed" | "forbidden" | "not_found" | "unauthenticated" | `unexpected: ${string}`;

async function outcomeOf(db: Db, actor: Actor | null, procedure: Procedure, input: unknown): Promise<Outcome> {
  const caller = callAs({ db: readOnly(db), actor }) as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>;
  const [router = "", name = ""] = procedure.path.split(".");
  try {
    await caller[router]?.[name]?.(input);
    return "allowed";
  } catch (thrown) {
    if (!(thrown instanceof TRPCError)) return `unexpected: ${thrown}`;
    const { cause } = thrown;
    if (cause instanceof Reached) return "allowed";
    if (!(cause instanceof AppError)) return `unexpected: ${thrown.code} ${thrown.message} ${cause?.stack ?? ""}`;
    if (cause.code === "forbidden" || cause.code === "not_found" || cause.code === "unauthenticated") return cause.code;
    // Past the authorization, refused for what it asks.
    return "allowed";
  }
}

describe("authorization of every procedure", () => {
  let test: TestDatabase;
  let own: OrganizationFixture;
  let provider: OrganizationFixture;
  let foreign: OrganizationFixture;
  const actors = new Map<string, Actor>();
  const actor = (name: string): Actor => {
    const found = actors.get(name);
    if (found === undefined) throw new Error(`no actor ${name}`);
    return found;
  };

  beforeAll(async () => {
    test = await startTestDatabase();
    const { db } = test;
    const providerId = await makeOrganization(db, { name: "Provider", isProvider: true });
    const ownId = await makeOrganization(db, { name: "Customer", providerId });
    const foreignId = await makeOrganization(db, { name: "Foreign" });
    [own, provider, foreign] = [await furnish(db, ownId), await furnish(db, providerId), await furnish(db, foreignId)];
    for (const { imageId, hostId } of [own, provider, foreign]) await db.imageCopy.create({ data: { imageId, hostId, state: "ready" } });
    for (const role of Role.options) {
      actors.set(`own ${role}`, await makeUser(db, { grants: [[ownId, role]] }));
      actors.set(`managing ${role}`, await makeUser(db, { grants: [[providerId, role]] }));
      actors.set(`foreign ${role}`, await makeUser(db, { grants: [[foreignId, role]] }));
    }
    actors.set("administrator", await makeUser(db, { installationAdmin: true }));
  });
  afterAll(() => test?.stop());

  it("finds the procedures there are", () => {
    expect(procedures.length).toBeGreaterThan(30);
  });

  describe.each(procedures)("$path", (procedure) => {
    const { access, path } = procedure;
    if (access === undefined) {
      it("declares who may call it", () => expect.fail(`${path} declares no access: build it with one of the builders in api/trpc.ts`));
      return;
    }
    const check = (who: string | null, fixture: () => OrganizationFixture, expected: (outcome: Outcome) => void) =>
      it(`as ${who ?? "nobody"}`, async () => {
        expected(await outcomeOf(test.db, who === null ? null : actor(who), procedure, inputFor(fixture(), path)));
      });
    const toBe = (wanted: Outcome) => (outcome: Outcome) => expect(outcome).toBe(wanted);

    if (access.kind === "public") {
      check(
        null,
        () => own,
        (outcome) => expect(["allowed"]).toContain(outcome),
      );
      return;
    }
    check(null, () => own, toBe("unauthenticated"));
    if (access.kind === "user") {
      check("foreign viewer", () => own, toBe("allowed"));
      return;
    }
    if (access.kind === "installationAdmin") {
      check("administrator", () => own, toBe("allowed"));
      check("own owner", () => own, toBe("forbidden"));
      check("managing owner", () => own, toBe("forbidden"));
      return;
    }
    const permission: Permission = access.permission;
    for (const role of Role.options) {
      const wanted = roleMay(role, permission) ? "allowed" : "forbidden";
      check(`own ${role}`, () => own, toBe(wanted));
      check(`managing ${role}`, () => own, toBe(wanted));
      check(`foreign ${role}`, () => own, toBe("not_found"));
    }
    describe("in other organizations", () => {
      it("a customer's owner sees nothing of the provider", async () =>
        expect(await outcomeOf(test.db, actor("own owner"), procedure, inputFor(provider, path))).toBe("not_found"));
      it("a provider's owner sees nothing of a foreign organization", async () =>
        expect(await outcomeOf(test.db, actor("managing owner"), procedure, inputFor(foreign, path))).toBe("not_found"));
      it("an installation administrator without a role sees nothing", async () =>
        expect(await outcomeOf(test.db, actor("administrator"), procedure, inputFor(own, path))).toBe("not_found"));
    });
  });

  it("refuses every mutation that comes from another site", async () => {
    const caller = callAs({ db: readOnly(test.db), actor: actor("own owner"), sameOrigin: false }) as unknown as Record<
      string,
      Record<string, (input: unknown) => Promise<unknown>>
    >;
    for (const { path, type } of procedures.filter((each) => each.type === "mutation")) {
      const [router = "", name = ""] = path.split(".");
      await expect(caller[router]?.[name]?.(inputFor(own, path)), `${path} (${type})`).rejects.toMatchObject({ code: "FORBIDDEN" });
    }
  });
});
