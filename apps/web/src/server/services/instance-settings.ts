import type { InstanceSecretsInput, InstanceUpdateInput } from "@indium/contract/api/instance-views";
import type { AuditAction } from "@indium/contract/audit";
import { AppError } from "@indium/contract/errors";
import { GuestSecrets, SshPublicKey } from "@indium/contract/instance";
import type { DisplayedState } from "@indium/contract/states";
import { displayedState } from "@indium/domain/displayed-state";
import { z } from "zod";
import type { Prisma } from "../../generated/prisma/client";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { type Acting, auditBy } from "./audit";
import { touchHost } from "./host-documents";
import { factsOf, NOTHING_PENDING, notFound } from "./instances";
import { nameTaken, refuseBrokenUserData, violatedIndex } from "./instances-create";
import { decryptSecret, encryptSecret, type SecretKeyring } from "./secrets";
import { sha512Crypt } from "./sha512-crypt";
import { fingerprintOf } from "./ssh-public-key";

/**
 * What is changed of an instance while it runs. Names, keys and tags are live: the host serves them at the guest's next request, and
 * nothing is started or stopped for them. A password or user data is given to a guest's first boot only: a replaced one waits here, encrypted,
 * until the instance is re-provisioned.
 */
type Update = z.output<typeof InstanceUpdateInput>;
type Replacement = z.output<typeof InstanceSecretsInput>;
const LOCKED = { runtime: true, host: true } as const;
type Row = Prisma.InstanceGetPayload<{ include: typeof LOCKED }>;

/** @throws AppError `already_exists` (field `name`), `not_found` (field `sshKeyFingerprints`), `action_denied` while it is being deleted. */
export async function updateInstance(acting: Acting, organizationId: string, input: Update): Promise<void> {
  try {
    await changeInstance(acting, organizationId, input.instanceId, async (tx, row) => {
      if (input.name !== undefined && input.name !== row.name) await refuseTakenName(tx, organizationId, input.name);
      const sshKeys = input.sshKeyFingerprints === undefined ? undefined : await keysOf(tx, organizationId, row, input.sshKeyFingerprints);
      const generation = row.desiredGeneration + 1;
      await tx.instance.update({
        where: { id: row.id },
        data: {
          desiredGeneration: generation,
          ...(input.name === undefined ? {} : { name: input.name }),
          ...(input.tags === undefined ? {} : { tags: input.tags }),
          ...(sshKeys === undefined ? {} : { sshKeys }),
        },
      });
      // What is under way is still wished, and ends with the generation that the host has now to carry out.
      await tx.operation.updateMany({
        where: { instanceId: row.id, endedAt: null, targetGeneration: row.desiredGeneration },
        data: { targetGeneration: generation },
      });
      if (row.hostId !== null) await touchHost(tx, row.hostId);
      return {
        action: "instance.update",
        detail: {
          ...(input.name === undefined ? {} : { name: { from: row.name, to: input.name } }),
          ...(input.tags === undefined ? {} : { tags: input.tags }),
          ...(sshKeys === undefined ? {} : { sshKeys: sshKeys.map((key) => ({ name: key.name, fingerprint: fingerprintOf(key.key) })) }),
        },
      };
    });
  } catch (thrown) {
    if (input.name !== undefined && violatedIndex(thrown) === "Instance_live_name_key") throw nameTaken(input.name);
    throw thrown;
  }
}

/** Keeps the replacement until the next re-provision. @throws AppError `bad_request` (field `userData`), `action_denied`. */
export async function replaceSecrets(acting: Acting, keyring: SecretKeyring, organizationId: string, input: Replacement): Promise<void> {
  const { password, userData } = input;
  if (userData.kind === "set") refuseBrokenUserData(userData.userData);
  const passwordHash = password.kind === "set" ? sha512Crypt(password.password) : undefined;
  await changeInstance(acting, organizationId, input.instanceId, async (tx, row) => {
    const ciphertext = row.pendingHasPassword === null ? row.secretsCiphertext : row.pendingSecretsCiphertext;
    const before = ciphertext === null ? {} : GuestSecrets.parse(JSON.parse(decryptSecret(keyring, ciphertext, row.id)));
    const after: GuestSecrets = {
      ...pick("passwordHash", password.kind === "keep" ? before.passwordHash : passwordHash),
      ...pick("userData", userData.kind === "keep" ? before.userData : userData.kind === "set" ? userData.userData : undefined),
    };
    const isEmpty = after.passwordHash === undefined && after.userData === undefined;
    await tx.instance.update({
      where: { id: row.id },
      data: {
        pendingSecretsCiphertext: isEmpty ? null : encryptSecret(keyring, JSON.stringify(after), row.id),
        pendingHasPassword: after.passwordHash !== undefined,
        pendingHasUserData: after.userData !== undefined,
      },
    });
    return { action: "instance.replaceSecrets", detail: { password: password.kind, userData: userData.kind } };
  });
}

/** Forgets a replacement that still waits. */
export async function discardSecrets(acting: Acting, organizationId: string, instanceId: string): Promise<void> {
  await changeInstance(acting, organizationId, instanceId, async (tx, row) => {
    await tx.instance.update({ where: { id: row.id }, data: NOTHING_PENDING });
    return { action: "instance.discardSecrets", detail: {} };
  });
}

const pick = <K extends keyof GuestSecrets>(name: K, value: GuestSecrets[K] | undefined): Pick<GuestSecrets, K> | object =>
  value === undefined || value === "" ? {} : { [name]: value };

type Done = { readonly action: AuditAction; readonly detail: Prisma.InputJsonObject };

/** One transaction on the locked row, host first, with its audit event. */
async function changeInstance(
  acting: Acting,
  organizationId: string,
  instanceId: string,
  change: (tx: Tx, row: Row) => Promise<Done>,
): Promise<void> {
  const db = acting.db as Db;
  await db.$transaction(
    async (tx) => {
      const placed = await tx.instance.findFirst({ where: { id: instanceId, organizationId }, select: { hostId: true } });
      if (placed === null) throw notFound();
      if (placed.hostId !== null) await tx.$queryRaw`SELECT 1 FROM "Host" WHERE id = ${placed.hostId} FOR NO KEY UPDATE`;
      await tx.$queryRaw`SELECT 1 FROM "Instance" WHERE id = ${instanceId} FOR UPDATE`;
      const row = await tx.instance.findUniqueOrThrow({ where: { id: instanceId }, include: LOCKED });
      refuseLeaving(row, displayedState(factsOf(row, acting.now().getTime())));
      const { action, detail } = await change(tx, row);
      await auditBy(tx, acting, { organizationId, action, target: { kind: "instance", id: instanceId }, detail });
      await publishChange(tx, { organizationId, resource: "instance", id: instanceId, parentId: null });
    },
    { timeout: 20_000, maxWait: 10_000 },
  );
}

function refuseLeaving(row: Row, state: DisplayedState): void {
  if (state === "deleted" || row.deletedAt !== null) throw notFound();
  if (row.desired === "gone") throw new AppError("action_denied", "The instance is being deleted.");
}

async function refuseTakenName(tx: Tx, organizationId: string, name: string): Promise<void> {
  const taken = await tx.instance.findFirst({ where: { organizationId, name, deletedAt: null }, select: { id: true } });
  if (taken !== null) throw nameTaken(name);
}

/** Those it has already, also of keys that the organization deleted since, and the organization's. */
async function keysOf(tx: Tx, organizationId: string, row: Row, fingerprints: readonly string[]): Promise<{ name: string; key: string }[]> {
  const own = z.array(SshPublicKey).parse(row.sshKeys);
  const known = new Map(own.map((key) => [fingerprintOf(key.key), key]));
  const offered = await tx.sshKey.findMany({ where: { organizationId, fingerprint: { in: [...fingerprints] } } });
  for (const key of offered) if (!known.has(key.fingerprint)) known.set(key.fingerprint, { name: key.name, key: key.publicKey });
  return [...new Set(fingerprints)].map((fingerprint) => {
    const key = known.get(fingerprint);
    if (key !== undefined) return key;
    throw new AppError("not_found", "One of the chosen SSH keys was deleted meanwhile. Choose again.", { field: "sshKeyFingerprints" });
  });
}
