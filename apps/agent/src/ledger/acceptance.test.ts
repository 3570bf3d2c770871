import type { DesiredInstance } from "@indium/contract/instance";
import { describe, expect, it } from "vitest";
import { desiredInstance, IMAGE, NETWORK } from "../reconciler/testing/test-host";
import { acceptInstance, type HeldDocument, judgeDocument, judgeInstance, type Verdict } from "./acceptance";
import { documentContentHash, instanceContentHash } from "./content-hash";
import { newInstanceRecord } from "./format";

const HOST = "h-00000000000000001";
const instance = desiredInstance({ id: "i-00000000000000001" });
const document = (changes: object = {}) => ({
  formatVersion: 1 as const,
  hostId: HOST as typeof HOST,
  centreEpoch: 2,
  generation: 7,
  issuedAt: 1,
  networks: [NETWORK],
  images: [IMAGE],
  instances: [instance],
  ...changes,
});
const held: HeldDocument = { hostId: HOST, centreEpoch: 2, generation: 7, contentHash: documentContentHash(document()) };
const outcome = (verdict: Verdict) => (verdict.verdict === "refuse" ? verdict.error.code : verdict.verdict);

describe("a document", () => {
  const other = { instances: [desiredInstance({ ...instance, desired: "stopped" })] };
  it.each([
    ["is accepted when nothing is held", { ...held, contentHash: null, centreEpoch: 0, generation: 0 }, {}, "accept"],
    ["of a newer generation is accepted", held, { generation: 8, ...other }, "accept"],
    ["sent again is unchanged", held, {}, "unchanged"],
    ["of an older generation is refused", held, { generation: 6 }, "stale_generation"],
    ["of the same generation with other content is refused", held, other, "conflict"],
    ["of an older epoch is refused, whatever its generation", held, { centreEpoch: 1, generation: 99 }, "stale_generation"],
    ["of a newer epoch is accepted, whatever its generation", held, { centreEpoch: 3, generation: 1, ...other }, "accept"],
    ["for another host is refused", held, { hostId: "h-00000000000000002", generation: 8 }, "forbidden"],
    ["with fresh image addresses and a new date is the same", held, { issuedAt: 9, images: [] }, "unchanged"],
  ] as const)("%s", (_name, holding, changes, expected) => {
    expect(outcome(judgeDocument(holding, document(changes)))).toBe(expected);
  });

  it("is a set: order means nothing", () => {
    const second = desiredInstance({ id: "i-00000000000000002" });
    expect(documentContentHash(document({ instances: [instance, second] }))).toBe(
      documentContentHash(document({ instances: [second, instance] })),
    );
  });
});

describe("an instance", () => {
  const record = newInstanceRecord({ ...instance, generation: 4 }, 2, instanceContentHash({ ...instance, generation: 4 }));
  it.each([
    ["newer", { generation: 5 }, 2, "accept"],
    ["the same", { generation: 4 }, 2, "unchanged"],
    [
      "the same, sealed anew",
      { generation: 4, sealedSecrets: { version: 1, ephemeralKey: "k", nonce: "n", ciphertext: "c" } },
      2,
      "unchanged",
    ],
    ["older", { generation: 3 }, 2, "stale_generation"],
    ["the same generation with other content", { generation: 4, desired: "stopped" }, 2, "conflict"],
    ["an older generation of a newer epoch", { generation: 1 }, 3, "accept"],
    ["a newer generation of an older epoch", { generation: 9 }, 1, "stale_generation"],
  ] as const)("%s", (_name, changes, epoch, expected) => {
    expect(outcome(judgeInstance(record, { ...instance, ...changes }, epoch))).toBe(expected);
  });

  it("a field that came with an update, and says nothing new: unchanged", () => {
    const { dialect: _, metadataTokens: __, metadataHopLimit: ___, ...before } = instance;
    expect(instanceContentHash(before as DesiredInstance)).toBe(instanceContentHash(instance));
    expect(instanceContentHash({ ...instance, dialect: "nocloud" })).not.toBe(instanceContentHash(instance));
  });

  it("begins with a clean slate: failure, denial and crashes were of the old wish", () => {
    const old = newInstanceRecord(instance, 1, "hash");
    old.failure = { generation: 1, error: { code: "disk_full", message: "full" } };
    old.crashes = [1];
    acceptInstance(old, { ...instance, generation: 2 }, 1);
    expect(old).toMatchObject({ failure: null, crashes: [], desired: { generation: 2 } });
  });

  it("counts nothing as applied that a restored centre wishes", () => {
    const old = newInstanceRecord({ ...instance, generation: 9 }, 1, "hash");
    old.appliedGeneration = 9;
    acceptInstance(old, { ...instance, generation: 3 }, 2);
    expect(old.appliedGeneration).toBe(0);
  });
});
