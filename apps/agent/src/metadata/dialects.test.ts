import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { assignedNic, guestDocument, natNetwork } from "../network/testing/lab";
import { dropletId } from "./digitalocean";
import { render } from "./render";
import { pathOf } from "./service";
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

describe("a network without a router", () => {
  it("is described by DHCP, whose option 121 leads to the service; IPv6 stays as it is", () => {
    const isolated = natNetwork({ kind: "isolated", ipv6: { cidr: "fd00:1::/64", gateway: "fd00:1::1" } });
    const nic = assignedNic(isolated, 10, { ipv6: { address: "fd00:1::10", prefixLength: 64, gateway: null } });
    const described = json("/openstack/latest/network_data.json", guestDocument([nic], [isolated], "alone")) as { networks: object[] };
    expect(described.networks).toEqual([
      { id: "nic0-ipv4", network_id: isolated.id, link: "nic0", type: "ipv4_dhcp" },
      expect.objectContaining({ type: "ipv6", ip_address: "fd00:1::10", routes: [] }),
    ]);
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

const as = (dialect: "ec2" | "digitalocean" | "nocloud", changes: Partial<GuestDocument> = {}): GuestDocument => ({
  ...document,
  ...changes,
  instance: { ...document.instance, dialect, guestAgent: "cloud-init" },
});

describe("a dialect alone", () => {
  it.each([
    ["ec2", "/latest/meta-data/hostname"],
    ["digitalocean", "/metadata/v1.json"],
    ["nocloud", "/nocloud/meta-data"],
  ] as const)("%s is answered, and none of the others", (dialect, own) => {
    const paths = ["/openstack/latest/meta_data.json", "/latest/meta-data/hostname", "/metadata/v1.json", "/nocloud/meta-data"];
    expect(paths.filter((path) => body(path, as(dialect)) !== null)).toEqual([own]);
  });
});

describe("EC2 alone", () => {
  const parts = (data: string): string[] =>
    data.split("--==indium-vendor-config==").map((part) => {
      const [head = "", ...rest] = part.split("\n\n");
      return head.includes("base64") ? Buffer.from(rest.join(""), "base64").toString() : part.trim();
    });
  const served = (userData?: string) =>
    body("/latest/user-data", as("ec2", { secrets: { passwordHash: "$6$x", ...(userData === undefined ? {} : { userData }) } })) ?? "";

  it("sends password and reporting with the user data, the user's part last", () => {
    const [head, ours, users, end] = parts(served("#!/bin/sh\necho Ä\n"));
    expect(head).toMatch(/^Content-Type: multipart\/mixed; boundary="==indium-vendor-config=="\nMIME-Version: 1.0$/);
    expect(parse(ours ?? "")).toMatchObject({ password: "$6$x", reporting: { indium: { type: "webhook" } } });
    expect(users).toBe("#!/bin/sh\necho Ä\n");
    expect(end).toBe("--");
  });

  it("puts a MIME message of the user's inside as it stands", () => {
    const message = 'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--x--\n';
    expect(parts(served(message))[2]).toBe(message.trim());
  });

  it("leaves alone what is not for cloud-init", () => {
    for (const theirs of ['{"ignition":{"version":"3.4.0"}}', "<powershell>dir</powershell>", "#ps1_sysnative\ndir"])
      expect(served(theirs)).toBe(theirs);
  });

  it("still says where to report once the secrets are sealed, and nothing secret", () => {
    const sealed = body("/latest/user-data", as("ec2", { secrets: null }));
    expect(parse(sealed ?? "")).toMatchObject({ reporting: { indium: { type: "webhook" } } });
    expect(sealed).not.toMatch(/password|#!/);
  });

  it("promises no IPv6 that a DHCPv6 server would have to keep", () => {
    expect(body(`/latest/meta-data/network/interfaces/macs/${first.macAddress}`, as("ec2"))).not.toContain("ipv6");
  });
});

describe("DigitalOcean", () => {
  it("is one document", () => {
    const plain = { ...as("digitalocean"), networks: [network] };
    const two: GuestDocument = {
      ...plain,
      instance: { ...plain.instance, nics: [first, assignedNic(natNetwork({ kind: "isolated" }), 30)] },
    };
    expect(json("/metadata/v1.json", two)).toEqual({
      droplet_id: dropletId(document.instance.guestUuid),
      hostname: "alpha",
      vendor_data: expect.stringContaining("$6$salt$hash"),
      user_data: secrets.userData,
      public_keys: ["ssh-ed25519 AAAA me"],
      region: "lab",
      interfaces: {
        public: [
          {
            mac: first.macAddress,
            type: "public",
            ipv4: { ip_address: "10.231.7.10", netmask: "255.255.255.0", gateway: "10.231.7.1" },
            ipv6: { ip_address: "fd00:1::10", cidr: 64, gateway: "fd00:1::1" },
          },
        ],
        private: [{ mac: "52:54:00:77:00:1e", type: "private", ipv4: { ip_address: "10.231.7.30", netmask: "255.255.255.0" } }],
      },
      dns: { nameservers: ["192.0.2.53", "fd00::53"] },
      tags: [],
      features: { dhcp_enabled: false },
    });
  });

  it.each([
    ["/metadata", "v1.json\nv1/"],
    ["/metadata/v1/id", String(dropletId(document.instance.guestUuid))],
    ["/metadata/v1/user-data", secrets.userData],
    ["/metadata/v1/public-keys", "ssh-ed25519 AAAA me"],
    ["/metadata/v1/interfaces/public/0/ipv4/address", "10.231.7.10"],
    ["/metadata/v1/dns/nameservers", "192.0.2.53\nfd00::53"],
  ])("answers %s", (path, wanted) => expect(body(path, as("digitalocean"))).toBe(wanted));

  it("keeps user data and password to itself once they are sealed", () => {
    const sealed = as("digitalocean", { secrets: null });
    expect(body("/metadata/v1/user-data", sealed)).toBeNull();
    expect(json("/metadata/v1.json", sealed)).not.toHaveProperty("user_data");
    expect(body("/metadata/v1.json", sealed)).not.toContain("$6$");
  });

  it("numbers droplets as positive 32-bit numbers", () => {
    expect(dropletId("ffffffff-0000-4000-8000-000000000000")).toBe(0x7fff_ffff);
    expect(dropletId("80000000-0000-4000-8000-000000000000")).toBe(1);
  });
});

describe("NoCloud", () => {
  it("gives cloud-init its four files", () => {
    const of = as("nocloud");
    expect(body("/nocloud", of)).toBe("meta-data\nuser-data\nvendor-data\nnetwork-config");
    expect(parse(body("/nocloud/meta-data", of) ?? "")).toMatchObject({
      "instance-id": document.instance.guestUuid,
      "local-hostname": "alpha",
      "public-keys": ["ssh-ed25519 AAAA me"],
    });
    expect(body("/nocloud/user-data", of)).toBe(secrets.userData);
    expect(parse(body("/nocloud/vendor-data", of) ?? "")).toMatchObject({ password: secrets.passwordHash });
    expect(parse(body("/nocloud/network-config", of) ?? "")).toEqual({
      version: 2,
      ethernets: {
        nic0: {
          match: { macaddress: first.macAddress },
          mtu: 1450,
          dhcp4: false,
          dhcp6: false,
          addresses: ["10.231.7.10/24", "fd00:1::10/64"],
          routes: [
            { to: "0.0.0.0/0", via: "10.231.7.1" },
            { to: "::/0", via: "fd00:1::1" },
          ],
          nameservers: { addresses: ["192.0.2.53", "fd00::53"] },
        },
        nic1: { match: { macaddress: second.macAddress }, mtu: 1500, dhcp4: true },
      },
    });
  });

  it("answers with empty user data where there is none: the source gives the whole seed up for a 404", () => {
    expect(body("/nocloud/user-data", as("nocloud", { secrets: null }))).toBe("");
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
