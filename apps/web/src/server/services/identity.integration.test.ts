import { AppError } from "@indium/contract/errors";
import type { HostFacts } from "@indium/contract/host";
import { newId } from "@indium/contract/plain/ids";
import { TRPCError } from "@trpc/server";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FACTS } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, makeHost, makeImage, makeInstance, makeOrganization, makeUser, reread } from "../test-fixtures";
import { createSetupLink } from "./installation";
import { signIn } from "./users";

let test: TestDatabase;
beforeAll(async () => {
  test = await startTestDatabase();
});
afterAll(() => test?.stop());
beforeEach(() => test.reset());

/** The error as it would travel. */
async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string; field?: string | undefined }> {
  try {
    await promise;
  } catch (thrown) {
    const cause = thrown instanceof TRPCError ? thrown.cause : thrown;
    if (cause instanceof AppError) return { code: cause.code, message: cause.message, field: cause.field };
    throw thrown;
  }
  throw new Error("it succeeded");
}

const anybody = () => callAs({ db: test.db, actor: null });
const PASSWORD = "correct horse battery";
const account = (email: string) => ({ name: "Ada", email, password: PASSWORD });

describe("set-up", () => {
  const form = (token: string) => ({
    token,
    name: "Ada",
    email: "Ada@Example.org",
    password: PASSWORD,
    organizationName: "Acme",
    siteName: "Cellar",
  });
  const link = async () => {
    const made = await createSetupLink(test.db, "https://indium.example");
    if (!made.needed) throw new Error("no set-up needed");
    return new URL(made.url).searchParams.get("token") ?? "";
  };

  it("makes the account, the organization and its site, and claims the machines that enrolled before", async () => {
    const host = await makeHost(test.db);
    const network = newId("network");
    await test.db.network.create({
      data: { id: network, hostId: host, name: "nat", kind: "nat", ipv4Cidr: "10.5.0.0/24", ipv4Gateway: "10.5.0.1" },
    });
    const done = await anybody().setup.complete(form(await link()));
    expect(done.email).toBe("ada@example.org");
    expect(await test.db.auditEvent.count({ where: { action: "setup.complete", organizationId: done.organizationId } })).toBe(1);
    const claimed = await test.db.host.findUniqueOrThrow({ where: { id: host }, include: { site: true } });
    expect(claimed.organizationId).toBe(done.organizationId);
    expect(claimed.site?.name).toBe("Cellar");
    expect(claimed.desiredGeneration).toBe(1);
    expect((await test.db.network.findUniqueOrThrow({ where: { id: network } })).organizationId).toBe(done.organizationId);
    const user = await signIn(test.db, { email: "ada@example.org", password: PASSWORD, remoteAddress: null }, new Date());
    expect(user?.name).toBe("Ada");
    expect(await anybody().setup.status()).toEqual({ needed: false });
    expect(await createSetupLink(test.db, "https://indium.example")).toEqual({ needed: false });
  });

  it("works once, also when two browsers press at the same instant", async () => {
    const token = await link();
    const results = await Promise.allSettled([
      anybody().setup.complete(form(token)),
      anybody().setup.complete({ ...form(token), email: "eve@example.org", organizationName: "Other" }),
    ]);
    expect(results.filter((each) => each.status === "fulfilled")).toHaveLength(1);
    expect((await failure(anybody().setup.complete(form(token)))).code).toBe("token_used");
    expect(await test.db.organization.count()).toBe(1);
    expect(await test.db.user.count()).toBe(1);
  });

  it("refuses a wrong link, and the one before the newest", async () => {
    const old = await link();
    await link();
    expect((await failure(anybody().setup.check({ token: old }))).code).toBe("token_invalid");
    expect((await failure(anybody().setup.complete(form("guess")))).code).toBe("token_invalid");
    expect(await test.db.user.count()).toBe(0);
  });
});

describe("signing in", () => {
  const now = new Date("2026-01-01T00:00:00Z");
  const attempt = (password: string, at = now) => signIn(test.db, { email: "ada@example.org", password, remoteAddress: "192.0.2.9" }, at);

  it("locks an account after ten wrong passwords, also for the right one, and opens it again later", async () => {
    const organizationId = await makeOrganization(test.db);
    const admin = await makeUser(test.db, { grants: [[organizationId, "owner"]] });
    const { link } = await callAs({ db: test.db, actor: admin }).invitation.create({ organizationId, role: "viewer" });
    await anybody().invitation.accept({ token: link.split("/").at(-1) ?? "", account: account("ada@example.org") });
    // All at once: none slips through between counting and looking.
    const wrong = await Promise.allSettled(Array.from({ length: 14 }, () => attempt("wrong")));
    expect(wrong.filter((each) => each.status === "rejected")).toHaveLength(4);
    expect((await failure(attempt(PASSWORD))).code).toBe("rate_limited");
    expect(await attempt(PASSWORD, new Date(now.getTime() + 16 * 60_000))).not.toBeNull();
  });

  it("answers an unknown address as a wrong password", async () => {
    expect(await attempt(PASSWORD)).toBeNull();
  });

  it("ends every session when the password changes", async () => {
    const organizationId = await makeOrganization(test.db);
    const owner = await makeUser(test.db, { grants: [[organizationId, "owner"]] });
    const { link } = await callAs({ db: test.db, actor: owner }).invitation.create({ organizationId, role: "viewer" });
    await anybody().invitation.accept({ token: link.split("/").at(-1) ?? "", account: account("ada@example.org") });
    const row = await test.db.user.findUniqueOrThrow({ where: { email: "ada@example.org" } });
    const { loadActor } = await import("./actor");
    const ada = await loadActor(test.db, row.id, 1);
    const caller = callAs({ db: test.db, actor: ada });
    expect(await failure(caller.account.changePassword({ currentPassword: "nope", newPassword: `${PASSWORD} staple` }))).toMatchObject({
      field: "currentPassword",
    });
    await caller.account.changePassword({ currentPassword: PASSWORD, newPassword: `${PASSWORD} staple` });
    expect(await loadActor(test.db, row.id, 1)).toBeNull();
    expect(await attempt(`${PASSWORD} staple`)).not.toBeNull();
  });
});

describe("members and invitations", () => {
  const setting = async () => {
    const organizationId = await makeOrganization(test.db);
    const owner = await makeUser(test.db, { grants: [[organizationId, "owner"]] });
    const admin = await makeUser(test.db, { grants: [[organizationId, "admin"]] });
    return { organizationId, owner, admin, asOwner: callAs({ db: test.db, actor: owner }), asAdmin: callAs({ db: test.db, actor: admin }) };
  };
  const tokenOf = (link: string) => link.split("/").at(-1) ?? "";

  it("lets an invitation be accepted once, by a new account", async () => {
    const { organizationId, asOwner } = await setting();
    const { link, invitation } = await asOwner.invitation.create({ organizationId, role: "operator", email: "Bo@Example.org" });
    const token = tokenOf(link);
    expect(await anybody().invitation.lookup({ token })).toMatchObject({ role: "operator", email: "bo@example.org" });
    expect((await failure(anybody().invitation.accept({ token, account: account("else@example.org") }))).field).toBe("email");
    await anybody().invitation.accept({ token, account: account("bo@example.org") });
    expect((await failure(anybody().invitation.accept({ token, account: account("bo@example.org") }))).code).toBe("token_used");
    expect((await failure(asOwner.invitation.revoke({ invitationId: invitation.id }))).code).toBe("precondition_failed");
    const members = await asOwner.member.list({ organizationId });
    expect(members.find((member) => member.email === "bo@example.org")?.role).toBe("operator");
    expect(JSON.stringify(await test.db.invitation.findMany())).not.toContain(token);
  });

  it("never weakens a role that somebody has", async () => {
    const { organizationId, asOwner, admin } = await setting();
    const { link } = await asOwner.invitation.create({ organizationId, role: "viewer" });
    await callAs({ db: test.db, actor: admin }).invitation.accept({ token: tokenOf(link) });
    expect((await reread(test.db, admin)).grants[0]?.role).toBe("admin");
  });

  it("tells somebody with an account to sign in first", async () => {
    const { organizationId, asOwner, admin } = await setting();
    const { link } = await asOwner.invitation.create({ organizationId, role: "viewer" });
    expect(await failure(anybody().invitation.accept({ token: tokenOf(link), account: account(admin.email) }))).toMatchObject({
      code: "already_exists",
      field: "email",
    });
  });

  it("refuses an invitation that is revoked, expired, or whose sender lost the right to invite", async () => {
    const { organizationId, asOwner, asAdmin, admin } = await setting();
    const first = await asOwner.invitation.create({ organizationId, role: "viewer" });
    await asOwner.invitation.revoke({ invitationId: first.invitation.id });
    expect((await failure(anybody().invitation.lookup({ token: tokenOf(first.link) }))).code).toBe("token_invalid");
    const second = await asOwner.invitation.create({ organizationId, role: "viewer" });
    const later = callAs({ db: test.db, actor: null, now: () => new Date(Date.now() + 8 * 24 * 3600_000) });
    expect((await failure(later.invitation.accept({ token: tokenOf(second.link), account: account("x@example.org") }))).code).toBe(
      "token_expired",
    );
    const third = await asAdmin.invitation.create({ organizationId, role: "viewer" });
    await asOwner.member.remove({ organizationId, userId: admin.userId });
    expect((await failure(anybody().invitation.accept({ token: tokenOf(third.link), account: account("x@example.org") }))).code).toBe(
      "token_invalid",
    );
    expect(await test.db.user.count({ where: { email: "x@example.org" } })).toBe(0);
  });

  it("lets an admin neither make nor unmake owners", async () => {
    const { organizationId, asAdmin, admin, owner } = await setting();
    expect((await failure(asAdmin.invitation.create({ organizationId, role: "owner" }))).code).toBe("forbidden");
    expect((await failure(asAdmin.member.updateRole({ organizationId, userId: admin.userId, role: "owner" }))).code).toBe("forbidden");
    expect((await failure(asAdmin.member.updateRole({ organizationId, userId: owner.userId, role: "viewer" }))).code).toBe("forbidden");
    expect((await failure(asAdmin.member.remove({ organizationId, userId: owner.userId }))).code).toBe("forbidden");
  });

  it("keeps the last owner, also when two remove each other at once", async () => {
    const { organizationId, asOwner, owner } = await setting();
    expect((await failure(asOwner.member.remove({ organizationId, userId: owner.userId }))).code).toBe("precondition_failed");
    expect((await failure(asOwner.member.updateRole({ organizationId, userId: owner.userId, role: "admin" }))).code).toBe(
      "precondition_failed",
    );
    const other = await makeUser(test.db, { grants: [[organizationId, "owner"]] });
    const both = await Promise.allSettled([
      asOwner.member.remove({ organizationId, userId: other.userId }),
      callAs({ db: test.db, actor: other }).member.remove({ organizationId, userId: owner.userId }),
    ]);
    expect(both.filter((each) => each.status === "fulfilled")).toHaveLength(1);
    expect(await test.db.grant.count({ where: { organizationId, role: "owner" } })).toBe(1);
  });
});

describe("providers", () => {
  it("manage the organizations given to them, and no others", async () => {
    const administrator = await makeUser(test.db, { installationAdmin: true });
    const asAdministrator = callAs({ db: test.db, actor: administrator });
    const { organizationId: provider } = await asAdministrator.organization.create({ name: "Provider", isProvider: true });
    const { organizationId: customer } = await asAdministrator.organization.create({ name: "Customer", providerId: provider });
    const operator = await makeUser(test.db, { grants: [[provider, "operator"]] });
    const seen = await callAs({ db: test.db, actor: operator }).organization.list();
    expect(seen.map(({ name, role, viaProvider }) => ({ name, role, viaProvider }))).toEqual([
      { name: "Customer", role: "operator", viaProvider: true },
      { name: "Provider", role: "operator", viaProvider: false },
    ]);
    const members = await callAs({ db: test.db, actor: operator }).member.list({ organizationId: customer });
    expect(members.map((member) => member.viaProvider)).toContain(true);
    expect((await failure(asAdministrator.organization.create({ name: "customer".toUpperCase(), providerId: customer }))).field).toBe(
      "providerId",
    );
    expect(
      (await failure(asAdministrator.organization.updateProvider({ organizationId: provider, isProvider: false, providerId: null }))).code,
    ).toBe("precondition_failed");
  });
});

describe("sites, keys, images and networks", () => {
  const ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKX5VfcYVFtoC5Tbu7fVT8QAbn1ZyU6TzLbMwfRwNXO ada@laptop";
  const setting = async () => {
    const organizationId = await makeOrganization(test.db);
    const owner = await makeUser(test.db, { grants: [[organizationId, "owner"]] });
    return { organizationId, api: callAs({ db: test.db, actor: owner }) };
  };

  it("refuses to delete a site where hosts stand", async () => {
    const { organizationId, api } = await setting();
    const site = await api.site.create({ organizationId, name: "Cellar" });
    expect((await failure(api.site.create({ organizationId, name: "Cellar" }))).field).toBe("name");
    const hostId = await makeHost(test.db, { organizationId, siteId: site.id, name: "rack-1" });
    expect((await failure(api.site.delete({ siteId: site.id }))).message).toContain("rack-1");
    await test.db.host.update({ where: { id: hostId }, data: { revokedAt: new Date() } });
    await api.site.delete({ siteId: site.id });
    expect(await api.site.list({ organizationId })).toEqual([]);
  });

  it("takes a key once and names it by its comment", async () => {
    const { organizationId, api } = await setting();
    const key = await api.sshKey.create({ organizationId, publicKey: `  ${ED25519}  ` });
    expect(key).toMatchObject({ name: "ada@laptop", publicKey: ED25519 });
    expect(await failure(api.sshKey.create({ organizationId, name: "again", publicKey: ED25519 }))).toMatchObject({
      code: "already_exists",
      field: "publicKey",
    });
    await api.sshKey.delete({ sshKeyId: key.id });
    expect(await api.sshKey.list({ organizationId })).toEqual([]);
  });

  it("refuses images on private addresses and the deletion of one that is used", async () => {
    const { organizationId, api } = await setting();
    for (const url of [
      "http://127.0.0.1/disk",
      "http://[::1]/disk",
      "http://169.254.169.254/x",
      "https://localhost/x",
      "http://[::ffff:10.0.0.1]/x",
      "http://2130706433/x",
    ])
      expect(await failure(api.image.create({ organizationId, name: "x", url })), url).toMatchObject({
        code: "address_refused",
        field: "url",
      });
    const image = await api.image.create({ organizationId, name: "Own", url: "https://images.example.org/disk.qcow2" });
    await makeInstance(test.db, { organizationId, imageId: image.id, name: "user-of-it" });
    expect((await failure(api.image.delete({ imageId: image.id }))).message).toContain("user-of-it");
    const shared = await makeImage(test.db);
    expect((await failure(api.image.delete({ imageId: shared as typeof image.id }))).code).toBe("not_found");
  });

  it("makes networks that overlap nothing on their host", async () => {
    const { organizationId, api } = await setting();
    const hostId = (await makeHost(test.db, { organizationId })) as `h-${string}`;
    const base = { hostId, kind: "nat" } as const;
    const first = await api.network.create({ ...base, name: "first", ipv4Cidr: "10.20.0.0/24" });
    expect(first).toMatchObject({ ipv4Gateway: "10.20.0.1", state: "pending", nicCount: 0 });
    const refusals = [
      [{ name: "first", ipv4Cidr: "10.30.0.0/24" }, "name"],
      [{ name: "b", ipv4Cidr: "10.20.0.128/25" }, "ipv4Cidr"],
      [{ name: "b", ipv4Cidr: "10.30.0.1/24" }, "ipv4Cidr"],
      [{ name: "b", ipv4Cidr: "8.8.8.0/24" }, "ipv4Cidr"],
      [{ name: "b", ipv4Cidr: "10.0.0.0/8" }, "ipv4Cidr"],
      [{ name: "b", kind: "bridge" }, "bridgeInterface"],
    ] as const;
    for (const [input, field] of refusals) expect((await failure(api.network.create({ ...base, ...input }))).field).toBe(field);
    const chosen = await api.network.create({ ...base, name: "chosen" });
    expect(chosen.ipv4Cidr).toMatch(/^10\.\d+\.\d+\.0\/24$/);
    const generation = async () => (await test.db.host.findUniqueOrThrow({ where: { id: hostId } })).desiredGeneration;
    const before = await generation();
    const imageId = await makeImage(test.db);
    await makeInstance(test.db, { organizationId, imageId, hostId, networkId: first.id });
    expect((await failure(api.network.delete({ networkId: first.id }))).code).toBe("precondition_failed");
    expect(await generation()).toBe(before);
    await api.network.delete({ networkId: chosen.id });
    expect(await generation()).toBe(before + 1);
    expect((await api.network.list({ organizationId })).map((network) => network.name)).toEqual(["first"]);
  });

  it("makes a bridge of an interface only where the host says it can", async () => {
    const { organizationId, api } = await setting();
    const hostId = (await makeHost(test.db, { organizationId })) as `h-${string}`;
    const base = { hostId, kind: "bridge" } as const;
    const refused = async (input: object) => failure(api.network.create({ ...base, name: "lan", ...input }));
    expect(await refused({ uplinkInterface: "eth0" })).toMatchObject({ code: "precondition_failed", field: "uplinkInterface" });

    const nic = (name: string, changes: Partial<HostFacts["nics"][number]>): HostFacts["nics"][number] => ({
      ...{ name, macAddress: "52:54:00:00:00:01", addresses: [], speedMbps: null, up: true, uplink: false, bridge: false },
      ...changes,
    });
    const nics = [
      nic("eth0", { addresses: ["192.0.2.10/24"], uplink: true, bridgeRefusal: null }),
      nic("eth1", { bridgeRefusal: "eth1 belongs to the bridge br0. Choose that as an existing bridge." }),
      nic("eth2", {}),
      nic("br0", { bridge: true }),
      nic("inbr-01234567", { bridge: true }),
    ];
    await test.db.host.update({ where: { id: hostId }, data: { facts: { ...FACTS, nics } } });
    const refusals = [
      [{ uplinkInterface: "eth9" }, "uplinkInterface", /no interface eth9.*eth0, eth1/],
      [{ uplinkInterface: "eth1" }, "uplinkInterface", /belongs to the bridge br0/],
      [{ uplinkInterface: "eth2" }, "uplinkInterface", /too old/],
      [{ uplinkInterface: "br0" }, "uplinkInterface", /is a bridge already/],
      [{ uplinkInterface: "eth0", vlanId: 7 }, "vlanId", /needs a bridge that is there/],
      [{ bridgeInterface: "br0", vlanId: 7 }, "vlanId", /knows no VLANs yet/],
      [{ uplinkInterface: "eth0", bridgeInterface: "br0" }, "bridgeInterface", /not both/],
      [{ bridgeInterface: "inbr-01234567" }, "bridgeInterface", /was made for a network/],
    ] as const;
    for (const [input, field, words] of refusals) {
      const error = await refused(input);
      expect(error.field).toBe(field);
      expect(error.message).toMatch(words);
    }
    const made = await api.network.create({ ...base, name: "lan", uplinkInterface: "eth0" });
    expect(made).toMatchObject({ state: "pending", uplinkInterface: "eth0", bridgeInterface: null });
    expect(await failure(api.network.create({ ...base, name: "again", uplinkInterface: "eth0" }))).toMatchObject({
      code: "already_exists",
    });
    await api.network.create({ ...base, name: "old way", bridgeInterface: "br0" });
    // The database holds to it as well.
    const row = { id: newId("network"), hostId, name: "both", kind: "bridge", bridgeInterface: "br7", uplinkInterface: "eth7" };
    await expect(test.db.network.create({ data: row })).rejects.toThrow();
    await expect(test.db.network.create({ data: { ...row, bridgeInterface: null, uplinkInterface: "eth0" } })).rejects.toThrow();
    await expect(test.db.network.create({ data: { ...row, bridgeInterface: null, uplinkInterface: null } })).rejects.toThrow();
    await api.network.delete({ networkId: made.id });
    await api.network.create({ ...base, name: "lan", uplinkInterface: "eth0" });
  });

  it("takes VLANs of a bridge beside its untagged LAN, each once, and tells the host in words that an older agent refuses", async () => {
    const { organizationId, api } = await setting();
    const hostId = (await makeHost(test.db, { organizationId })) as `h-${string}`;
    const bridge = { name: "br0", macAddress: "52:54:00:00:00:01", addresses: [], speedMbps: null, up: true, uplink: true, bridge: true };
    const tell = (vlans: boolean) => test.db.host.update({ where: { id: hostId }, data: { facts: { ...FACTS, nics: [bridge], vlans } } });
    const base = { hostId, kind: "bridge", bridgeInterface: "br0" } as const;
    await tell(false);
    expect(await failure(api.network.create({ ...base, name: "blue", vlanId: 100 }))).toMatchObject({ field: "vlanId" });
    await tell(true);
    await api.network.create({ ...base, name: "lan" });
    expect(await api.network.create({ ...base, name: "blue", vlanId: 100 })).toMatchObject({ bridgeInterface: "br0", vlanId: 100 });
    await api.network.create({ ...base, name: "red", vlanId: 200 });
    expect(await failure(api.network.create({ ...base, name: "again", vlanId: 100 }))).toMatchObject({
      code: "already_exists",
      field: "vlanId",
    });
    await expect(api.network.create({ ...base, name: "none", vlanId: 4_095 })).rejects.toThrow("from 1 to 4094");
    const row = { id: newId("network"), hostId, name: "x", kind: "bridge", bridgeInterface: "br0" };
    await expect(test.db.network.create({ data: { ...row, vlanId: 100 } })).rejects.toThrow();
    await expect(test.db.network.create({ data: { ...row, vlanId: 0 } })).rejects.toThrow();
  });

  it("writes what was done into the audit log, with who and from where", async () => {
    const { organizationId, api } = await setting();
    await api.site.create({ organizationId, name: "Cellar" });
    const [event] = await test.db.auditEvent.findMany({ where: { organizationId } });
    expect(event).toMatchObject({ action: "site.create", result: "success", remoteAddress: "192.0.2.7", detail: { name: "Cellar" } });
  });
});
