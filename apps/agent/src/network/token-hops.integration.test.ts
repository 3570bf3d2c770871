import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMetadataService } from "../metadata/service";
import { createNetworkManager } from "./manager";
import { assignedNic, guestDocument, Lab, natNetwork, whyNoLab } from "./testing/lab";

const skip = await whyNoLab();
if (skip !== null) console.warn(`network integration tests skipped: ${skip}`);

/** A container of the guest's: behind a network that the guest routes and masquerades, as Docker's. */
describe.skipIf(skip !== null)("session tokens", () => {
  const lab = new Lab();
  const metadata = createMetadataService({ log: () => {} });
  const network = natNetwork();
  const nic = assignedNic(network, 10);
  const plain = guestDocument([nic], [network], "hops");
  const document = { ...plain, instance: { ...plain.instance, dialect: "ec2", metadataTokens: "required" } as const };
  const askToken = { method: "PUT", headers: { "x-aws-ec2-metadata-token-ttl-seconds": "60" } };
  let manager: ReturnType<typeof createNetworkManager>;
  let guest = "";
  let container = "";
  const bringUp = (tokenHopLimit: number | null) => manager.ensureNic(nic, network, document.instance.id, { tokenHopLimit });

  beforeAll(async () => {
    await lab.open();
    manager = createNetworkManager({ stateDir: lab.stateDir, metadata, vmUid: 65_534, hostNetns: lab.host, log: () => {} });
    guest = await lab.guest(nic);
    container = await lab.behind(guest);
    metadata.setDocument(document);
    await manager.ensureNetwork(network);
  });
  afterAll(async () => {
    await manager?.close();
    await lab.close();
  });

  it("reach the guest, and its containers only where the hop limit is 2", async () => {
    await bringUp(1);
    const token = await lab.http(guest, "/latest/api/token", askToken);
    expect(token.status, token.body).toBe(200);
    const shown = { headers: { "x-aws-ec2-metadata-token": token.body } };
    expect(await lab.http(guest, "/latest/meta-data/hostname", shown)).toEqual({ status: 200, body: "hops" });
    expect(await lab.http(container, "/latest/api/token", askToken)).toMatchObject({ status: 0, body: "time-out" });
    // The answers to other requests go as far as ever, as on EC2; without a token they say nothing.
    expect(await lab.http(container, "/latest/meta-data/hostname", shown)).toEqual({ status: 200, body: "hops" });
    expect(await lab.http(container, "/latest/meta-data/hostname")).toMatchObject({ status: 401 });
    await bringUp(2);
    expect(await lab.http(container, "/latest/api/token", askToken)).toMatchObject({ status: 200 });
    await bringUp(null);
    expect(await lab.http(container, "/latest/api/token", askToken)).toMatchObject({ status: 200 });
  }, 60_000);
});
