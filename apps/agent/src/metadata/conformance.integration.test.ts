import type { MetadataDialect } from "@indium/contract/metadata-dialect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { systemStrings } from "../drivers/qemu/identity";
import { createNetworkManager } from "../network/manager";
import { assignedNic, guestDocument, Lab, natNetwork, whyNoLab } from "../network/testing/lab";
import { dropletId } from "./digitalocean";
import { createMetadataService } from "./service";
import { type CloudInit, type DataSourceReport, findCloudInit, identifyDataSource, readDataSource } from "./testing/cloud-init";
import type { GuestEvent } from "./types";

/** cloud-init's own data sources, in a guest's network namespace, against the service behind a real NIC: what it understands, not what we meant. */
const cloudInit = (await whyNoLab()) ?? (await findCloudInit());
if (typeof cloudInit === "string") console.warn(`cloud-init's data sources: skipped, ${cloudInit}`);

const DATA_SOURCE: Record<MetadataDialect, string> = {
  openstack: "OpenStack",
  ec2: "Ec2",
  digitalocean: "DigitalOcean",
  nocloud: "NoCloud",
};
const script = "#!/bin/sh\necho Ä\n";

describe.skipIf(typeof cloudInit === "string")("cloud-init's own data source", () => {
  const lab = new Lab();
  const events: GuestEvent[] = [];
  const metadata = createMetadataService({ log: () => {} });
  const network = natNetwork({ ipv6: { cidr: "fd00:1::/64", gateway: "fd00:1::1" } });
  let manager: ReturnType<typeof createNetworkManager>;
  let last = 20;

  beforeAll(async () => {
    await lab.open();
    manager = createNetworkManager({ stateDir: lab.stateDir, metadata, vmUid: 65_534, hostNetns: lab.host, log: () => {} });
    metadata.onGuestEvent((_id, event) => events.push(event));
    await manager.ensureNetwork(network);
  });
  afterAll(async () => {
    await manager?.close();
    await lab.close();
  });

  async function boot(dialect: MetadataDialect, options: { dhcp?: boolean; secrets?: null; tokens?: "required" } = {}) {
    const number = last++;
    const nic = assignedNic(network, number, { ipv6: { address: `fd00:1::${number}`, prefixLength: 64, gateway: "fd00:1::1" } });
    const plain = guestDocument(
      [nic],
      [network],
      `conform-${dialect}`,
      options.secrets === null ? null : { passwordHash: "$6$salt$hash", userData: script },
    );
    const guestUuid = dialect === "ec2" ? `ec2${plain.instance.guestUuid.slice(3)}` : plain.instance.guestUuid;
    const metadataTokens = options.tokens ?? "optional";
    const document = { ...plain, instance: { ...plain.instance, dialect, guestUuid, metadataTokens, guestAgent: "cloud-init" } as const };
    metadata.setDocument(document);
    const guest = await lab.guest(nic, { bare: true });
    await manager.ensureNic(nic, network, document.instance.id, { tokenHopLimit: dialect === "ec2" ? 1 : null });
    // What a guest's first stage does with DHCP, option 121 included; DigitalOcean's needs none.
    if (options.dhcp !== false) await lab.dhcpClient(guest);
    const strings = systemStrings(document.instance);
    events.length = 0;
    const report = await readDataSource(cloudInit as CloudInit, guest, dialect, strings);
    return { report, nic, document, strings };
  }
  const vendorOf = (report: DataSourceReport): unknown => {
    const { vendorData } = report;
    const text =
      typeof vendorData === "object" && vendorData !== null && "cloud-init" in vendorData ? vendorData["cloud-init"] : vendorData;
    return parse(String(text));
  };
  const wantedVendor = { password: "$6$salt$hash", chpasswd: { expire: false }, reporting: { indium: { type: "webhook" } } };
  const ours = { hostname: "conform-", publicKeys: ["ssh-ed25519 AAAA me"] };

  it.each(Object.keys(DATA_SOURCE) as MetadataDialect[])("for %s is the one that the firmware's strings choose", async (dialect) => {
    const guestUuid = dialect === "ec2" ? "ec21c0de-0000-4000-8000-000000000001" : "6f1c0de0-0000-4000-8000-000000000001";
    expect(await identifyDataSource(cloudInit as CloudInit, systemStrings({ dialect, guestUuid }))).toEqual([DATA_SOURCE[dialect]]);
  });

  it("OpenStack: keys, password, script, static IPv4 and IPv6", async () => {
    const { report, nic, document } = await boot("openstack");
    console.log(`cloud-init ${report.version}`);
    expect(report).toMatchObject({
      ...ours,
      hostname: "conform-openstack",
      found: true,
      instanceId: document.instance.guestUuid,
      userData: script,
    });
    expect(vendorOf(report)).toMatchObject(wantedVendor);
    expect(report.interfaces).toMatchObject([
      {
        mac: nic.macAddress,
        subnets: [
          { type: "static", address: nic.ipv4?.address, prefix: 24, routes: [["0.0.0.0", 0, "10.231.7.1"]] },
          { type: "static6", address: nic.ipv6?.address, prefix: 64, routes: [["::", 0, "fd00:1::1"]] },
        ],
      },
    ]);
    expect(events.filter((event) => event.kind === "metadataFetched")).toHaveLength(1);
  }, 240_000);

  it("EC2 with session tokens only: keys, password and script in one message, addresses by DHCP", async () => {
    const { report, nic, document } = await boot("ec2", { tokens: "required" });
    expect(report).toMatchObject({ ...ours, hostname: "conform-ec2", found: true, instanceId: document.instance.guestUuid });
    expect(report.parts?.map(({ type }) => type)).toEqual(["text/cloud-config", "text/x-shellscript"]);
    expect(parse(report.parts?.[0]?.content ?? "")).toMatchObject(wantedVendor);
    expect(report.parts?.[1]?.content).toBe(script);
    expect(report.interfaces).toMatchObject([{ mac: nic.macAddress, subnets: [{ type: "dhcp4" }] }]);
  }, 240_000);

  it("DigitalOcean, with no DHCP at all: keys, password, script, static IPv4 and IPv6", async () => {
    const { report, nic, document } = await boot("digitalocean", { dhcp: false });
    expect(report).toMatchObject({
      ...ours,
      hostname: "conform-digitalocean",
      found: true,
      instanceId: String(dropletId(document.instance.guestUuid)),
      userData: script,
    });
    expect(vendorOf(report)).toMatchObject(wantedVendor);
    expect(report.interfaces).toMatchObject([
      {
        name: "eth0",
        mac: nic.macAddress,
        subnets: [
          { type: "static", address: nic.ipv4?.address, prefix: 24, gateway: "10.231.7.1" },
          { address: nic.ipv6?.address, prefix: 64, gateway: "fd00:1::1" },
        ],
      },
    ]);
  }, 240_000);

  it("NoCloud over HTTP: keys, password, script; static addresses where the release reads them", async () => {
    const { report, nic, document } = await boot("nocloud");
    expect(report).toMatchObject({
      ...ours,
      hostname: "conform-nocloud",
      found: true,
      dsmode: "net",
      instanceId: document.instance.guestUuid,
      userData: script,
    });
    expect(vendorOf(report)).toMatchObject(wantedVendor);
    const [major = 0, minor = 0] = report.version.split(".").map(Number);
    if (major > 24 || (major === 24 && minor >= 3) || Number.isNaN(major)) {
      expect(report.interfaces).toMatchObject([
        {
          mac: nic.macAddress,
          subnets: [
            { address: nic.ipv4?.address, prefix: 24 },
            { address: nic.ipv6?.address, prefix: 64 },
          ],
        },
      ]);
    } else expect(report.networkConfig ?? null).toBeNull();
  }, 240_000);

  it.each(["openstack", "ec2", "digitalocean", "nocloud"] as const)(
    "%s: still finds itself once the secrets are sealed, and none of them",
    async (dialect) => {
      const { report, document } = await boot(dialect, { secrets: null, dhcp: dialect !== "digitalocean" });
      expect(report).toMatchObject({ found: true, hostname: `conform-${dialect}`, publicKeys: ours.publicKeys });
      expect(report.instanceId).toBe(
        dialect === "digitalocean" ? String(dropletId(document.instance.guestUuid)) : document.instance.guestUuid,
      );
      expect(JSON.stringify(report)).not.toMatch(/\$6\$|echo/);
    },
    240_000,
  );
});
