import type { DesiredNetwork } from "@indium/contract/network";
import { newId } from "@indium/contract/plain/ids";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { beforeEach, describe, expect, it } from "vitest";
import { desiredInstance, failure, NETWORK, TestHost } from "./testing/test-host";

let host: TestHost;

beforeEach(async () => {
  host = new TestHost();
  await host.startAgent();
});

describe("documents", () => {
  it("refuses one that the centre did not sign, and holds what it had", async () => {
    const { id } = await host.running();
    const stranger = generateSigningKeyPair();
    const forged = signEnvelope("desired-document", host.document({ generation: 99, instances: [] }), stranger.privateKey);
    await expect(host.reconciler.apply(forged)).rejects.toMatchObject({ code: "signature_invalid" });
    expect(host.ledger.generation).toBe(1);
    expect(host.observed(id).state).toBe("running");
  });

  it("refuses an older one and one for another host", async () => {
    const old = host.document({ generation: 1 });
    await host.running();
    await host.running({ name: "db-1" });
    await expect(host.apply(old)).rejects.toMatchObject({ code: "stale_generation" });
    await expect(host.apply(host.document({ hostId: newId("host"), generation: 9 }))).rejects.toMatchObject({ code: "forbidden" });
  });

  it("says which one it holds, again for each time it is sent", async () => {
    await host.running();
    await host.apply(host.document());
    const accepted = host.reports.filter((body) => body.kind === "document.accepted");
    expect(accepted).toEqual([1, 1].map((generation) => ({ kind: "document.accepted", centreEpoch: 1, generation })));
  });

  it("denies one instance and carries out the rest", async () => {
    const first = await host.running();
    host.generation += 1;
    const second = desiredInstance({ name: "db-1" });
    await host.apply(host.document({ instances: [{ ...first, desired: "stopped" }, second] }));
    await host.clock.advance(20_000);
    expect(host.observed(first.id).state).toBe("running");
    expect(host.observed(second.id).state).toBe("running");
    expect(host.reports).toContainEqual(expect.objectContaining({ kind: "host.event", code: "instance_denied" }));
  });

  it("takes up fresh image addresses of a document it holds already", async () => {
    await host.running();
    const image = { ...host.document().images[0]!, source: { kind: "centre" as const, path: "/images/a?signature=2" } };
    await host.apply(host.document({ images: [image] }));
    expect(host.store.ledger?.images).toEqual([image]);
  });
});

describe("peers", () => {
  const peer = { hostId: newId("host"), name: "lab-2", publicKey: `${"A".repeat(43)}=`, address: "fd00:1:2:2::5", nat: null };
  const at = (endpoint: string) => [{ ...peer, candidates: [{ kind: "lan" as const, endpoint }] }];

  it("are told with each document, also one that is held already, and none is left when one says none", async () => {
    const told: string[][] = [];
    host.reconciler.onPeers((peers) => told.push(peers.flatMap(({ candidates }) => candidates.map(({ endpoint }) => endpoint))));
    await host.apply(host.document({ peers: at("10.0.0.2:1") }));
    await host.apply(host.document({ peers: at("10.0.0.2:2"), issuedAt: host.clock.now() + 1 }));
    await host.apply(host.document({ generation: host.generation + 1 }));
    expect(told).toEqual([[], ["10.0.0.2:1"], ["10.0.0.2:2"], []]);
  });

  it("of a document that was issued before are not taken again: a relay may keep one", async () => {
    const told: number[] = [];
    host.reconciler.onPeers((peers) => told.push(peers.length));
    const kept = host.document({ peers: at("10.0.0.2:1") });
    await host.apply(kept);
    await host.apply(host.document({ issuedAt: kept.issuedAt + 1 }));
    await host.apply(kept);
    expect(told).toEqual([0, 1, 0]);
    // A revoked pair raises the generation, which the ledger remembers over restarts.
    await host.apply(host.document({ generation: host.generation + 1 }));
    await host.killAgent();
    await host.startAgent();
    await expect(host.apply(kept)).rejects.toMatchObject({ code: "stale_generation" });
  });
});

describe("absence", () => {
  it("never deletes: a VM that is left out runs on, over restarts, and is reported", async () => {
    const { id } = await host.running();
    await host.omit(id);
    await host.clock.advance(120_000);
    expect(host.machine.vm(id)?.state).toBe("running");
    expect(host.reports).toContainEqual({ kind: "host.unclaimed", instanceIds: [id] });
    await host.killAgent();
    await host.startAgent();
    await host.clock.advance(60_000);
    expect(host.machine.vm(id)?.state).toBe("running");
    expect(Object.keys(host.machine.state.nics)).toHaveLength(1);
  });

  it("loses no VM when the host's own state is lost", async () => {
    const { id } = await host.running();
    const { pid } = host.machine.vm(id)!;
    await host.killAgent();
    host.store.ledger = null;
    host.store.instances.clear();
    await host.startAgent();
    await host.clock.advance(60_000);
    expect(host.reports).toContainEqual({ kind: "host.unclaimed", instanceIds: [id] });
    // The centre sends the whole document; the VM is adopted as it is.
    await host.apply(host.document());
    await host.clock.advance(10_000);
    expect(host.machine.vm(id)?.pid).toBe(pid);
    expect(host.observed(id).state).toBe("running");
  });

  it("loses no VM when the centre is restored from an old dump", async () => {
    const known = await host.running();
    const old = host.document();
    await host.change(known.id, { name: "renamed" });
    const unknown = await host.running({ name: "db-1" });
    host.centreEpoch = 2;
    host.reports.length = 0;
    await host.apply({ ...old, centreEpoch: 2 });
    await host.clock.advance(60_000);
    expect(host.machine.vm(known.id)?.state).toBe("running");
    expect(host.machine.vm(unknown.id)?.state).toBe("running");
    expect(host.observed(known.id)).toMatchObject({ state: "running", appliedGeneration: 1 });
    expect(host.reports).toContainEqual({ kind: "host.unclaimed", instanceIds: [unknown.id] });
    // What the dump has forgotten is told again, unasked.
    expect(host.observations(unknown.id).at(-1)?.state).toBe("running");
    expect(host.reports).toContainEqual(expect.objectContaining({ kind: "network.observed", state: "ready" }));
  });
});

describe("the host as a whole", () => {
  it("lets one failing instance stop nobody else", async () => {
    const first = await host.running();
    host.machine.faults.start = failure("hypervisor_failed", "No memory on host-1.");
    const second = await host.running({ name: "db-1" });
    host.machine.faults.start = null;
    const third = await host.running({ name: "cache-1" });
    expect([first, second, third].map(({ id }) => host.observed(id).state)).toEqual(["running", "failed", "running"]);
  });

  it("downloads an image once for many instances", async () => {
    const instances = Array.from({ length: 3 }, (_, index) => desiredInstance({ name: `web-${index}` }));
    for (const instance of instances) await host.wish(instance);
    await host.clock.advance(20_000);
    expect(instances.map(({ id }) => host.observed(id).state)).toEqual(["running", "running", "running"]);
    expect(host.reports.filter((body) => body.kind === "image.observed").at(-1)).toMatchObject({ state: "ready", sha256: "a".repeat(64) });
  });

  it("removes an orphaned NIC, and the network after the last NIC", async () => {
    const { id } = await host.running();
    host.machine.state.nics["nic-0000000000000dead"] = { instanceId: "i-0000000000000dead", networkId: "net-00000000000000001" };
    await host.clock.advance(31_000);
    expect(Object.keys(host.machine.state.nics)).toHaveLength(1);
    await host.change(id, { desired: "gone" });
    await host.clock.advance(5_000);
    expect(host.machine.state.networks).toEqual([]);
    expect(host.reports).toContainEqual(expect.objectContaining({ kind: "network.observed", state: "absent" }));
  });

  it("makes a bridge of an uplink without an instance, once, and puts it back when the centre names it no more", async () => {
    const lan: DesiredNetwork = {
      ...NETWORK,
      id: "net-00000000000000009",
      name: "lan",
      kind: "bridge",
      ipv4: null,
      uplinkInterface: "eth0",
    };
    const told = () => host.reports.filter((body) => body.kind === "network.observed" && body.networkId === lan.id);
    host.generation = 1;
    await host.apply(host.document({ networks: [NETWORK, lan] }));
    await host.clock.advance(1_000);
    expect(told()).toEqual([]);
    await host.clock.advance(60_000);
    expect(told()).toMatchObject([{ state: "ready" }]);
    expect(host.machine.state.lanBridges).toEqual({ [lan.id]: "eth0" });
    await host.stopAgent();
    await host.startAgent();
    await host.clock.advance(60_000);
    expect(host.machine.state.lanBridges).toEqual({ [lan.id]: "eth0" });
    host.generation = 2;
    await host.apply(host.document());
    await host.clock.advance(60_000);
    expect(host.machine.state.lanBridges).toEqual({});
    expect(told().at(-1)).toMatchObject({ state: "absent" });
  });

  it("says why no bridge could be made, and goes on with the rest of the host", async () => {
    const lan: DesiredNetwork = {
      ...NETWORK,
      id: "net-00000000000000009",
      name: "lan",
      kind: "bridge",
      ipv4: null,
      uplinkInterface: "wlan0",
    };
    host.generation = 1;
    await host.apply(host.document({ networks: [NETWORK, lan] }));
    await host.clock.advance(120_000);
    const told = host.reports.filter((body) => body.kind === "network.observed");
    expect(told).toMatchObject([{ networkId: lan.id, state: "failed", error: { message: expect.stringContaining("Wi-Fi") } }]);
    expect(host.reports.filter((body) => body.kind === "host.event")).toEqual([]);
  });

  it("tries an uplink that could not be put back again only after ten minutes", async () => {
    const lan: DesiredNetwork = {
      ...NETWORK,
      id: "net-00000000000000009",
      name: "lan",
      kind: "bridge",
      ipv4: null,
      uplinkInterface: "eth0",
    };
    host.generation = 1;
    await host.apply(host.document({ networks: [NETWORK, lan] }));
    await host.clock.advance(60_000);
    host.machine.faults.network = failure("network_failed", "the gateway no longer answered");
    host.generation = 2;
    await host.apply(host.document());
    await host.clock.advance(300_000);
    const events = () => host.reports.filter((body) => body.kind === "host.event");
    expect(events()).toMatchObject([{ code: "clean_up_failed", message: expect.stringContaining("gateway") }]);
    host.machine.faults.network = null;
    await host.clock.advance(200_000);
    expect(host.machine.state.lanBridges).not.toEqual({});
    await host.clock.advance(200_000);
    expect(host.machine.state.lanBridges).toEqual({});
    expect(events()).toHaveLength(1);
  });
});
