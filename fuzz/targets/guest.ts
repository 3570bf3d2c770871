import { createServer } from "node:net";
import { newId } from "@indium/contract/plain/ids";
import { RfbViewFilter, RfbViolation } from "../../apps/agent/src/console/rfb-view-filter";
import { EMPTY_SCAN, scanSerial } from "../../apps/agent/src/instance/serial-scan";
import { answerDhcp, type DhcpLease, parseDhcpRequest } from "../../apps/agent/src/metadata/dhcp";
import { parseGuestReport } from "../../apps/agent/src/metadata/guest-report";
import { createMetadataService } from "../../apps/agent/src/metadata/service";
import { SessionTokens } from "../../apps/agent/src/metadata/session-token";
import type { GuestDocument } from "../../apps/agent/src/metadata/types";
import { withVendorConfig } from "../../apps/agent/src/metadata/user-data-parts";
import { LeaseSnoop } from "../../apps/agent/src/network/lease-snoop";
import { exchange, statusesOf } from "../memory-socket";
import type { Target } from "../target";

/** What a guest says to its host: all of it may be hostile. */

const MAC = "52:54:00:12:34:56";
const LEASE: DhcpLease = {
  macAddress: MAC,
  address: "10.0.0.7",
  prefixLength: 24,
  gateway: "10.0.0.1",
  dnsServers: ["9.9.9.9", "2620:fe::fe"],
  mtu: 1450,
  hostname: "vm1",
};
const dhcp = (first: string, options: string): Buffer =>
  Buffer.from(
    `${first}0600deadbeef00050000${"00000000".repeat(4)}525400123456${"00".repeat(10)}${"00".repeat(192)}63825363${options}`,
    "hex",
  );
const DISCOVER = dhcp("0101", "3501013707011c02030f060cff");
const REQUEST = dhcp("0101", "35010332040a0000073604a9fea9feff");
const ACK = dhcp("0201", "35010536040a000001ff");

const dhcpTarget: Target = {
  name: "dhcp",
  seeds: [{ bytes: DISCOVER }, { bytes: REQUEST }, { bytes: dhcp("0101", "350108ff") }, { bytes: ACK }],
  run: (input) => {
    const request = parseDhcpRequest(input);
    return request === null ? null : { request, reply: answerDhcp(request, LEASE) };
  },
  check: (value) => {
    const reply = (value as { reply: Buffer | null } | null)?.reply ?? null;
    if (reply === null) return null;
    return reply.length >= 300 && reply.length <= 600 && reply[0] === 2 ? null : `a reply of ${reply.length} bytes`;
  },
};

/** Messages of a talk, each with the port it came from. */
const talk = (...messages: [number, Buffer][]): Buffer =>
  Buffer.concat(messages.flatMap(([port, bytes]) => [Buffer.from([port, bytes.length >> 8, bytes.length & 0xff]), bytes]));

const leaseTarget: Target = {
  name: "lease-snoop",
  seeds: [
    { bytes: talk([68, DISCOVER], [68, REQUEST], [67, ACK]) },
    { bytes: talk([68, REQUEST], [67, dhcp("0201", "350106ff")]) },
    { bytes: talk([67, ACK]) },
  ],
  run: (input) => {
    const snoop = new LeaseSnoop(MAC);
    const news = [];
    for (let at = 0; at + 3 <= input.length; ) {
      const length = input.readUInt16BE(at + 1);
      news.push(snoop.hear(input.subarray(at + 3, at + 3 + length), input[at] ?? 0));
      at += 3 + length;
    }
    return news;
  },
  check: (value) => {
    for (const news of value as ReturnType<LeaseSnoop["hear"]>[])
      if (news?.kind === "leased" && !/^(?!0\.|127\.|2[23]\d\.|24\d\.|25\d\.)\d{1,3}(\.\d{1,3}){3}$/.test(news.address))
        return `leased ${news.address}`;
    return null;
  },
};

const REPORT = {
  name: "modules-final/config-scripts_user",
  description: "running config-scripts_user",
  event_type: "finish",
  origin: "cloudinit",
  timestamp: 1_700_000_000.5,
  result: "FAIL",
  detail: "Traceback (most recent call last):\n  …",
  files: [{ path: "/var/log/cloud-init.log", content: "eA==" }],
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be in there
const TERMINAL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

const reportTarget: Target = {
  name: "guest-report",
  seeds: [{ json: REPORT }, { json: { name: "init-\u0007local\u001b[2J", event_type: "start" } }, { bytes: JSON.stringify(REPORT) }],
  run: (input) => parseGuestReport(input.toString("utf8")),
  growth: 1,
  check: (value) => {
    if (value === null) return null;
    const { name, description, detail } = value as NonNullable<ReturnType<typeof parseGuestReport>>;
    if (name.length > 200 || description.length > 2_000 || (detail ?? "").length > 16_000) return "an event that is too long";
    return TERMINAL.test(name + description + (detail ?? "")) ? "control characters in an event" : null;
  },
};

const tokens = new SessionTokens(() => 1_700_000_000_000);
const tokenTarget: Target = {
  name: "session-token",
  seeds: [{ bytes: tokens.issue("nic-1", "60") ?? "" }, { bytes: "21600" }, { bytes: "A".repeat(54) }],
  run: (input) => {
    const text = input.toString("latin1");
    return { accepted: tokens.accepts("nic-2", text), issued: tokens.issue("nic-2", text) };
  },
  check: (value) => ((value as { accepted: boolean }).accepted ? "took a token that was made for another NIC" : null),
};

const SERIAL = [
  "[    0.000000] Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)\r\n",
  "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\r\n",
  "\u001b[0;32m  OK  \u001b[0m] Reached target\r\ncloud-init[512]: Cloud-init v. 22.4.2 running\r\n",
  "Debian GNU/Linux 12 vm1 ttyS0\r\n\r\nvm1 login: ",
  "grub rescue> ",
  "(initramfs) ",
  "BdsDxe: No bootable option or device was found.\r\n",
  "\u001b]0;title\u0007\u001b[2J\u001b[1;1H\ud83d\ude00",
];

const serialTarget: Target = {
  name: "serial-scan",
  seeds: [
    ...SERIAL.map((bytes) => ({ bytes })),
    { bytes: SERIAL.join("") },
    { bytes: `Kernel panic - not syncing\n${`${"x".repeat(900)}\n`.repeat(12)}` },
  ],
  run: (input) => {
    let state = EMPTY_SCAN;
    const events = [];
    const text = input.toString(input.length % 2 === 0 ? "utf8" : "latin1");
    for (let at = 0; at < text.length; at += 257) {
      const step = scanSerial(state, text.slice(at, at + 257));
      state = step.state;
      events.push(...step.events);
      if (JSON.stringify(state).length > 400_000) throw new Error("the state grows");
    }
    return events.slice(-200);
  },
  // Each line that follows a sign tells its excerpt again.
  growth: 4_100,
  check: (value) => {
    for (const event of value as ReturnType<typeof scanSerial>["events"]) {
      const words = event.kind === "found" ? event.excerpt : event.kind === "cloudInit" ? event.line : "";
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be in there
      if (words.length > 4_000 || /\u001b|\u0000|\p{Surrogate}/u.test(words)) return `an unclean or long ${event.kind}`;
    }
    return null;
  },
};

const RFB = Buffer.concat([
  Buffer.from("RFB 003.008\n\x01\x01"),
  Buffer.from([0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]),
  Buffer.from([2, 0, 0, 2, 0, 0, 0, 0, 0xc0, 0xa1, 0xe5, 0xce]),
  Buffer.from([3, 1, 0, 0, 0, 0, 4, 0, 3, 0]),
  Buffer.from([4, 1, 0, 0, 0, 0, 0xff, 0x0d, 5, 0, 0, 1, 0, 1]),
  Buffer.from([6, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]),
  Buffer.from([248, 0, 0, 0, 0, 0, 0, 1, 2, 9, 9, 250, 0, 1, 2, 251, 0, 0, 9, 0, 9, 1, 0, ...Buffer.alloc(16)]),
  Buffer.from([255, 0, 0, 1, 0, 0, 0, 65, 0, 0, 0, 30, 150, 1, 0, 0, 0, 0, 4, 0, 3, 0]),
]);

function filtered(input: Buffer, step: number): { passed: Buffer; violation: boolean } {
  const filter = new RfbViewFilter();
  const passed: Buffer[] = [];
  try {
    for (let at = 0; at < input.length; at += step) passed.push(filter.push(input.subarray(at, at + step)));
    return { passed: Buffer.concat(passed), violation: false };
  } catch (thrown) {
    if (!(thrown instanceof RfbViolation)) throw thrown;
    return { passed: Buffer.concat(passed), violation: true };
  }
}

const rfbTarget: Target = {
  name: "rfb-view-filter",
  seeds: [{ bytes: RFB }, { bytes: RFB.subarray(0, 46) }, { bytes: "RFB 003.007\n\x01\x00" }],
  run: (input) => ({
    whole: filtered(input, input.length || 1),
    torn: filtered(input.subarray(0, 4_096), 7),
    begun: filtered(input.subarray(0, 4_096), 4_096),
  }),
  check: (value, input) => {
    const { whole, torn, begun } = value as Record<"whole" | "torn" | "begun", ReturnType<typeof filtered>>;
    // It asks for the extended clipboard in the name of a viewer that does not.
    if (whole.passed.length > 2 * input.length) return "passed more than it got";
    if (torn.violation !== begun.violation) return "judges by how the bytes are cut";
    if (!torn.violation && !torn.passed.equals(begun.passed)) return "passes other bytes when they are cut otherwise";
    return onlyLooks(whole.passed);
  },
};

/** Reads what went on to the VM once more, by a table of its own. */
function onlyLooks(passed: Buffer): string | null {
  const lengths: Record<number, (rest: Buffer) => number> = {
    0: () => 20,
    2: (rest) => 4 + 4 * (rest.length < 4 ? 0 : rest.readUInt16BE(2)),
    3: () => 10,
    150: () => 10,
    248: (rest) => 9 + (rest[8] ?? 0),
  };
  for (let at = 14; at < passed.length; ) {
    const length = lengths[passed[at] ?? -1];
    if (length === undefined) return `let a message of type ${passed[at]} through`;
    at += length(passed.subarray(at));
  }
  return null;
}

const userDataTarget: Target = {
  name: "user-data-parts",
  seeds: [
    { bytes: "#cloud-config\npackages: [vim]\n" },
    { bytes: "#!/bin/sh\ntrue\n" },
    {
      bytes:
        'Content-Type: multipart/mixed; boundary="b"\nMIME-Version: 1.0\n\n--b\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--b--\n',
    },
    { bytes: '{"ignition":{"version":"3.0.0"}}' },
  ],
  run: (input) => withVendorConfig(input.toString("utf8"), "#cloud-config\nreporting: {}\n"),
};

const NETWORK = newId("network");
function guest(dialect: GuestDocument["instance"]["dialect"], metadataTokens: "optional" | "required"): GuestDocument {
  const nic = {
    id: newId("nic"),
    networkId: NETWORK,
    macAddress: MAC,
    addressMode: "assigned" as const,
    ipv4: { address: "10.0.0.7", prefixLength: 24, gateway: "10.0.0.1" },
    ipv6: null,
  };
  return {
    instance: {
      id: newId("instance"),
      name: "fuzzed",
      generation: 1,
      desired: "running",
      guestUuid: "5a0a5e9c-9d3a-4b5e-8f0e-0123456789ab",
      power: null,
      stopGraceMs: 1_000,
      vcpus: 1,
      memoryBytes: 128 * 1024 * 1024,
      firmware: "bios",
      rootVolume: { id: newId("volume"), imageId: newId("image"), sizeBytes: 1 },
      nics: [nic],
      metadata: {
        hostname: "fuzzed",
        sshKeys: [{ name: "me", key: "ssh-ed25519 AAAA me" }],
        tags: { role: "web" },
        availabilityZone: "lab",
      },
      guestAgent: "cloud-init",
      dialect,
      metadataTokens,
      metadataHopLimit: 1,
      sealedSecrets: null,
    },
    networks: [
      {
        id: NETWORK,
        name: "lab",
        kind: "nat",
        ipv4: { cidr: "10.0.0.0/24", gateway: "10.0.0.1" },
        ipv6: null,
        dnsServers: ["9.9.9.9"],
        mtu: 1450,
        bridgeInterface: null,
      },
    ],
    secrets: { userData: "#!/bin/sh\n", passwordHash: "$6$x$y" },
  };
}

const get = (path: string, headers = "") => `GET ${path} HTTP/1.1\r\nHost: 169.254.169.254\r\n${headers}\r\n`;
const post = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

function metadataTarget(
  name: string,
  dialect: GuestDocument["instance"]["dialect"],
  required: "optional" | "required",
  paths: readonly string[],
): Target {
  let now = 1_700_000_000_000;
  const errors: string[] = [];
  const service = createMetadataService({ log: (level, message) => void (level === "error" && errors.push(message)), now: () => now });
  const document = guest(dialect, required);
  const [nic] = document.instance.nics;
  if (nic === undefined) throw new Error("no NIC");
  service.setDocument(document);
  const server = createServer();
  service.attach(nic.id, document.instance.id, { http: [server], dhcp: null });
  return {
    name,
    seeds: [
      ...paths.map((path) => ({ bytes: get(path) })),
      { bytes: get(paths[0] ?? "/", "X-aws-ec2-metadata-token: AAAA\r\n") },
      { bytes: "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\nContent-Length: 0\r\n\r\n" },
      { bytes: post("/indium/v1/report", JSON.stringify(REPORT)) },
      { bytes: post("/indium/v1/phone-home", "{}") },
      { bytes: get(`/${"x".repeat(600)}`) },
      { bytes: "POST /indium/v1/report HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n0\r\n\r\n" },
    ],
    run: async (input) => {
      // So that the guest's own limits do not answer in the parser's place.
      now += 60_000;
      errors.length = 0;
      const answer = await exchange(server, input);
      if (errors.length > 0) throw new Error(errors.join("; "));
      return answer;
    },
    // Each pipelined request of forty bytes is answered.
    growth: 200,
    share: 0.5,
    check: (answer) => {
      const odd = statusesOf(answer as Buffer).find(
        (status) => !["200", "400", "401", "403", "404", "405", "408", "413", "429", "431"].includes(status),
      );
      return odd === undefined ? null : `answered ${odd}`;
    },
  };
}

export const GUEST_TARGETS: readonly Target[] = [
  dhcpTarget,
  leaseTarget,
  reportTarget,
  tokenTarget,
  serialTarget,
  rfbTarget,
  userDataTarget,
  metadataTarget("metadata-openstack", "openstack", "optional", [
    "/openstack/latest/meta_data.json",
    "/openstack/latest/network_data.json",
    "/latest/meta-data/public-keys/0/openssh-key",
    "/latest/user-data",
  ]),
  metadataTarget("metadata-ec2", "ec2", "required", [
    "/latest/meta-data/instance-id",
    "/2009-04-04/meta-data/",
    "/latest/dynamic/instance-identity/document",
  ]),
  metadataTarget("metadata-others", "digitalocean", "optional", ["/metadata/v1.json", "/metadata/v1/id", "//metadata//v1/../v1/"]),
  metadataTarget("metadata-nocloud", "nocloud", "optional", ["/nocloud/meta-data", "/nocloud/user-data", "/nocloud/network-config"]),
];
