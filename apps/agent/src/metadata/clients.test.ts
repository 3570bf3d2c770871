import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import type { DesiredInstance, GuestSecrets } from "@indium/contract/instance";
import type { MetadataDialect } from "@indium/contract/metadata-dialect";
import { afterEach, describe, expect, it } from "vitest";
import { assignedNic, guestDocument, natNetwork } from "../network/testing/lab";
import { createMetadataService } from "./service";

/**
 * What clients other than cloud-init ask, in their order and with their headers, as their documentation and sources describe it: neither
 * runs on Debian, so these are replayed. Each line is method, path, wanted status.
 */
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(dialect: MetadataDialect, secrets: GuestSecrets | null, changes: Partial<DesiredInstance> = {}) {
  const network = natNetwork();
  const nic = assignedNic(network, 10);
  const plain = guestDocument([nic], [network], "win-1", secrets);
  const document = { ...plain, instance: { ...plain.instance, dialect, guestAgent: "cloud-init" as const, ...changes } };
  const service = createMetadataService({ log: () => {} });
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  service.setDocument(document);
  service.attach(nic.id, document.instance.id, { http: [server], dhcp: null });
  cleanups.push(() => service.detach(nic.id));
  const { port } = server.address() as AddressInfo;
  const ask = (method: string, path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      });
      sent.on("error", reject);
      sent.end();
    });
  return { ask, document };
}

const ignition = '{"ignition":{"version":"3.4.0"}}';
/** Ignition's fetcher (internal/resource/http.go): it wants the bytes as they are, and 404 means there is no configuration. */
const FROM_IGNITION = {
  "user-agent": "Ignition/2.19.0",
  "accept-encoding": "identity",
  accept: "application/vnd.coreos.ignition+json;version=3.4.0, */*;q=0.1",
};

describe("Ignition", () => {
  it("on OpenStack takes user data as it is, and goes on without", async () => {
    const { ask } = await serve("openstack", { userData: ignition });
    expect(await ask("GET", "/openstack/latest/user_data", FROM_IGNITION)).toEqual({ status: 200, body: ignition });
    const empty = await serve("openstack", null);
    expect((await empty.ask("GET", "/openstack/latest/user_data", FROM_IGNITION)).status).toBe(404);
  });

  it("on EC2 asks for a token first, and for the version of 2019", async () => {
    const { ask } = await serve("ec2", { userData: ignition, passwordHash: "$6$x" }, { metadataTokens: "required" });
    const token = await ask("PUT", "/latest/api/token", { ...FROM_IGNITION, "x-aws-ec2-metadata-token-ttl-seconds": "300" });
    expect(token.status).toBe(200);
    const headers = { ...FROM_IGNITION, "x-aws-ec2-metadata-token": token.body };
    expect(await ask("GET", "/2019-10-01/user-data", headers)).toEqual({ status: 200, body: ignition });
    expect((await ask("GET", "/2019-10-01/user-data", FROM_IGNITION)).status).toBe(401);
  });

  it("on DigitalOcean asks for one file", async () => {
    const { ask } = await serve("digitalocean", { userData: ignition });
    expect(await ask("GET", "/metadata/v1/user-data", FROM_IGNITION)).toEqual({ status: 200, body: ignition });
    const empty = await serve("digitalocean", null);
    expect((await empty.ask("GET", "/metadata/v1/user-data", FROM_IGNITION)).status).toBe(404);
  });
});

describe("cloudbase-init", () => {
  it("on OpenStack (HttpService) loads, reads everything, and finds no place to leave a password", async () => {
    const { ask, document } = await serve("openstack", { userData: "#ps1_sysnative\ndir\n" });
    const headers = { "user-agent": "Python-urllib/3.12", connection: "close" };
    const answers: { status: number; body: string }[] = [];
    for (const path of [
      "/openstack/latest/meta_data.json",
      "/openstack/latest/network_data.json",
      "/openstack/latest/user_data",
      "/openstack/2013-04-04/meta_data.json",
      "/openstack/2013-04-04/password",
    ])
      answers.push(await ask("GET", path, headers));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 404]);
    expect(JSON.parse(answers[0]?.body ?? "")).toMatchObject({
      uuid: document.instance.guestUuid,
      hostname: "win-1",
      public_keys: { key0: "ssh-ed25519 AAAA me" },
    });
    expect(JSON.parse(answers[1]?.body ?? "")).toMatchObject({
      networks: [{ type: "ipv4", ip_address: "10.231.7.10", netmask: "255.255.255.0" }],
    });
    expect(answers[2]?.body).toBe("#ps1_sysnative\ndir\n");
    expect((await ask("POST", "/openstack/2013-04-04/password", headers)).status).toBe(404);
  });

  it("on EC2 (EC2Service) walks the keys, and gets PowerShell as it was given", async () => {
    const { ask, document } = await serve("ec2", { userData: "<powershell>dir</powershell>", passwordHash: "$6$x" });
    const bodies: string[] = [];
    for (const path of [
      "meta-data/instance-id",
      "meta-data/local-hostname",
      "meta-data/public-keys/",
      "meta-data/public-keys/0/openssh-key",
      "user-data",
    ])
      bodies.push((await ask("GET", `/2009-04-04/${path}`)).body);
    expect(bodies).toEqual([document.instance.guestUuid, "win-1", "0=key0", "ssh-ed25519 AAAA me", "<powershell>dir</powershell>"]);
  });
});

describe("Afterburn", () => {
  it("on DigitalOcean reads a droplet's number", async () => {
    const { ask } = await serve("digitalocean", null);
    const { droplet_id: id } = JSON.parse((await ask("GET", "/metadata/v1.json")).body) as { droplet_id: number };
    expect(Number.isInteger(id) && id > 0 && id < 2 ** 31).toBe(true);
  });
});
