import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { assignedNic, guestDocument, natNetwork } from "../network/testing/lab";
import { pathOf, render } from "./service";
import type { GuestDocument } from "./types";

const network = natNetwork({
  ipv6: { cidr: "fd00:1::/64", gateway: "fd00:1::1" },
  dnsServers: ["192.0.2.53", "fd00::53"],
});
const lan = natNetwork({ kind: "bridge", bridgeInterface: "br0", mtu: 1500, dnsServers: ["192.0.2.53"] });
const first = assignedNic(network, 10, { ipv6: { address: "fd00:1::10", prefixLength: 64, gateway: "fd00:1::1" } });
const second = assignedNic(lan, 20, { addressMode: "learned", ipv4: null });
const secrets = { passwordHash: "$6$salt$hash/.x", userData: "#cloud-config\r\nno-change: 'Ä\u0000'\n" };
const document = guestDocument([first, second], [network, lan], "alpha", secrets);
const bare: GuestDocument = { ...document, secrets: null };

const body = (path: string, of: GuestDocument = document): string | null => render(of, path)?.body ?? null;
const json = (path: string, of?: GuestDocument): unknown => JSON.parse(body(path, of) ?? "null");

describe("OpenStack", () => {
  it("lists its versions, and in each what Nova had by then", () => {
    expect(body("/openstack")?.split("\n")).toEqual(expect.arrayContaining(["2012-08-10", "2018-08-27", "2020-10-14", "latest"]));
    expect(body("/openstack/2012-08-10")).toBe("meta_data.json\nuser_data");
    expect(body("/openstack/latest")).toBe("meta_data.json\nuser_data\nvendor_data.json\nnetwork_data.json\nvendor_data2.json");
    expect(body("/openstack/2012-08-10/network_data.json")).toBeNull();
    expect(body("/openstack/2011-01-01/meta_data.json")).toBeNull();
  });

  it("names the guest by the uuid that its firmware shows", () => {
    expect(json("/openstack/2018-08-27/meta_data.json")).toEqual({
      uuid: document.instance.guestUuid,
      name: "alpha",
      hostname: "alpha",
      launch_index: 0,
      availability_zone: "lab",
      project_id: null,
      meta: { "indium-instance-id": document.instance.id },
      public_keys: { key0: "ssh-ed25519 AAAA me" },
      keys: [{ name: "key0", type: "ssh", data: "ssh-ed25519 AAAA me" }],
    });
  });

  it("passes user data byte for byte, and none once the secrets are sealed", () => {
    expect(body("/openstack/latest/user_data")).toBe(secrets.userData);
    expect(body("/openstack/latest/user_data", bare)).toBeNull();
    expect(body("/openstack/latest", bare)).not.toContain("user_data");
  });

  it("hands the password to cloud-init as vendor data, without touching the user's", () => {
    const vendor = json("/openstack/latest/vendor_data.json") as { "cloud-init": string };
    expect(vendor["cloud-init"]).toMatch(/^#cloud-config\n/);
    expect(parse(vendor["cloud-init"])).toEqual({
      ssh_genkeytypes: ["ed25519"],
      locale: false,
      reporting: { indium: { type: "webhook", endpoint: "http://169.254.169.254/indium/v1/report", timeout: 5, retries: 1 } },
      password: secrets.passwordHash,
      chpasswd: { expire: false },
      ssh_pwauth: true,
    });
    const sealed = json("/openstack/latest/vendor_data.json", bare) as { "cloud-init": string };
    expect(parse(sealed["cloud-init"])).not.toHaveProperty("password");
    expect(json("/openstack/latest/vendor_data2.json")).toEqual({});
  });

  it("describes all NICs: static ones with routes and never a gateway beside them, learned ones by DHCP", () => {
    expect(json("/openstack/latest/network_data.json")).toEqual({
      links: [
        { id: "nic0", vif_id: first.id, type: "phy", ethernet_mac_address: first.macAddress, mtu: 1450 },
        { id: "nic1", vif_id: second.id, type: "phy", ethernet_mac_address: second.macAddress, mtu: 1500 },
      ],
      networks: [
        {
          id: "nic0-ipv4",
          network_id: network.id,
          link: "nic0",
          type: "ipv4",
          ip_address: "10.231.7.10",
          netmask: "255.255.255.0",
          routes: [{ network: "0.0.0.0", netmask: "0.0.0.0", gateway: "10.231.7.1" }],
          dns_nameservers: ["192.0.2.53"],
        },
        {
          id: "nic0-ipv6",
          network_id: network.id,
          link: "nic0",
          type: "ipv6",
          ip_address: "fd00:1::10",
          netmask: "ffff:ffff:ffff:ffff::",
          routes: [{ network: "::", netmask: "::", gateway: "fd00:1::1" }],
          dns_nameservers: ["fd00::53"],
        },
        { id: "nic1-ipv4", network_id: lan.id, link: "nic1", type: "ipv4_dhcp" },
      ],
      services: [
        { type: "dns", address: "192.0.2.53" },
        { type: "dns", address: "fd00::53" },
      ],
    });
  });
});

describe("EC2", () => {
  it.each([
    ["/latest/meta-data/instance-id", document.instance.guestUuid],
    ["/2009-04-04/meta-data/local-hostname", "alpha"],
    ["/2021-03-23/meta-data/local-ipv4", "10.231.7.10"],
    ["/latest/meta-data/mac", first.macAddress],
    ["/latest/meta-data/placement/availability-zone", "lab"],
    ["/latest/meta-data/public-keys", "0=key0"],
    ["/latest/meta-data/public-keys/0", "openssh-key"],
    ["/latest/meta-data/public-keys/0/openssh-key", "ssh-ed25519 AAAA me"],
    ["/latest/meta-data/network/interfaces/macs", `${first.macAddress}/\n${second.macAddress}/`],
    [`/latest/meta-data/network/interfaces/macs/${first.macAddress}/subnet-ipv4-cidr-block`, "10.231.7.0/24"],
    ["/latest/user-data", secrets.userData],
    ["/latest/dynamic", "instance-identity/"],
  ])("answers %s", (path, wanted) => {
    expect(body(path)).toBe(wanted);
  });

  it("marks directories in its listings", () => {
    expect(body("/latest/meta-data")?.split("\n")).toEqual(
      expect.arrayContaining(["instance-id", "network/", "placement/", "public-keys/"]),
    );
    expect(body("/latest")).toBe("dynamic\nmeta-data\nuser-data");
    expect(body("/latest", bare)).toBe("dynamic\nmeta-data");
  });

  it("identifies the instance", () => {
    expect(json("/latest/dynamic/instance-identity/document")).toMatchObject({
      instanceId: document.instance.guestUuid,
      privateIp: "10.231.7.10",
    });
  });

  it.each([
    "/latest/meta-data/constructor",
    "/latest/meta-data/__proto__",
    "/latest/meta-data/hostname/x",
    "/latest/meta-data/public-keys/1",
    "/latest/meta-data/public-keys/0/x",
    "/latest/meta-data/public-keys/0/openssh-key/x",
    "/latest/user-data/x",
    "/latest/dynamic/x",
    "/1999-01-01/meta-data",
    "/openstack/latest/meta_data.json/x",
    "/openstack/latest/password",
    "/favicon.ico",
  ])("knows nothing of %s", (path) => {
    expect(body(path)).toBeNull();
  });

  it("has no user data once the secrets are sealed", () => {
    expect(body("/latest/user-data", bare)).toBeNull();
  });
});

describe("paths", () => {
  it.each([
    ["/openstack//latest/?x=1", "/openstack/latest"],
    ["/", "/"],
    ["//", "/"],
    ["/latest/meta-data/", "/latest/meta-data"],
  ])("reads %s as %s", (given, wanted) => {
    expect(pathOf(given)).toBe(wanted);
  });

  it.each([undefined, "", "*", "http://x/y", "/a/../b", "/..", "/ä", "/a b", `/${"a".repeat(600)}`])("refuses %s", (given) => {
    expect(pathOf(given)).toBeNull();
  });
});
