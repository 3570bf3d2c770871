import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { generateSealingKeyPair } from "../keys";
import { type OverlaySystem, openOverlayInterface } from "./interface";
import { renderOverlayRules, renderPairs } from "./rules";

const options = (system: OverlaySystem) => ({
  system,
  name: "iovx-no-such",
  privateKey: generateSealingKeyPair().privateKey,
  listenPort: 0,
  address: "fd00:1:2:2::1",
  routes: [],
  rules: { table: "iovx", interfaceName: "iovx-no-such", address: "fd00:1:2:2::1", services: [] },
});
/** Programs that are not run: what each says, by its first words. */
const played = (
  says: Record<string, { code: number; stderr?: string }>,
  ended = "wireguard-go ended: played",
): [OverlaySystem, string[]] => {
  const ran: string[] = [];
  const system: OverlaySystem = {
    run: async (file, args) => {
      const line = [file, ...args].join(" ");
      ran.push(line);
      const found = Object.entries(says).find(([start]) => line.startsWith(start))?.[1] ?? { code: 0 };
      return { stdout: "", stderr: "", ...found };
    },
    start: () => ({ ended: Promise.resolve(ended), kill: () => {} }),
  };
  return [system, ran];
};

it("says why it cannot be: no right to, no WireGuard, no IPv6", async () => {
  const [refused] = played({ "ip link del": { code: 2, stderr: "RTNETLINK answers: Operation not permitted" } });
  await expect(openOverlayInterface(options(refused))).rejects.toThrow(/CAP_NET_ADMIN/);
  const [unable] = played({ "ip link del": { code: 1 }, "ip link add": { code: 2, stderr: "RTNETLINK answers: Operation not permitted" } });
  await expect(openOverlayInterface(options(unable))).rejects.toThrow(/CAP_NET_ADMIN/);
  const missing = "The kernel has no WireGuard and wireguard-go is not installed on this host (apt-get install wireguard-go).";
  const [without] = played({ "ip link del": { code: 1 }, "ip link add": { code: 2 } }, missing);
  await expect(openOverlayInterface(options(without))).rejects.toThrow(missing);
  const [blind] = played({ "ip link del": { code: 1 }, "ip -batch": { code: 1, stderr: "Error: IPv6 is disabled on this device." } });
  await expect(openOverlayInterface(options(blind))).rejects.toThrow(/IPv6 is disabled/);
});

it("takes the kernel's WireGuard where there is one and wg(8) can set it, rules first, and leaves nothing behind", async () => {
  const [system, ran] = played({ "ip link del": { code: 1 } });
  const keys: string[] = [];
  // As wg(8) reads it: by its path, and only while it runs.
  const reading: OverlaySystem = {
    ...system,
    run: (file, args, more) => {
      const path = args[args.indexOf("private-key") + 1];
      if (args.includes("private-key") && path !== undefined) keys.push(path, readFileSync(path, "utf8"));
      return system.run(file, args, more);
    },
  };
  const device = await openOverlayInterface(options(reading));
  expect(device.kind).toBe("kernel");
  expect(keys[1]).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
  expect(existsSync(keys[0] ?? "/")).toBe(false);
  expect(ran.slice(0, 3)).toEqual(["ip link del iovx-no-such", "ip link add iovx-no-such type wireguard", "wg show iovx-no-such"]);
  expect(ran.findIndex((line) => line.startsWith("nft"))).toBeLessThan(ran.findIndex((line) => line.startsWith("ip -batch")));
  await device.wireguard.configure({
    peers: [1, 2].map((at) => ({ publicKey: `key${at}`, allowedIps: [`fd00:1:2:2::${at}/128`], keepalive: 5 })),
  });
  expect(ran.at(-1)).toBe(
    "wg set iovx-no-such peer key1 persistent-keepalive 5 allowed-ips fd00:1:2:2::1/128 peer key2 persistent-keepalive 5 allowed-ips fd00:1:2:2::2/128",
  );
  await device.close();
  expect(ran.slice(-2)).toEqual(["ip link del iovx-no-such", "nft -f -"]);
});

it("names pairs both ways, all at once", () => {
  expect(renderPairs("t", [])).toBe("flush set inet t pairs\n");
  expect(renderPairs("t", [["fd00::1", "fd00::2"]])).toBe(
    "flush set inet t pairs\nadd element inet t pairs { fd00::1 . fd00::2, fd00::2 . fd00::1 }\n",
  );
});

it("drops what is for another address before it accepts anything", () => {
  const rules = renderOverlayRules({ table: "t", interfaceName: "i", address: "fd00::1", services: ["tcp dport 7786"] });
  const chain = rules.slice(rules.indexOf("chain from_overlay"), rules.indexOf("chain forward"));
  expect(
    chain
      .split("\n")
      .slice(1, -2)
      .map((line) => line.trim()),
  ).toEqual([
    "ip6 daddr != fd00::1 drop",
    "ct state established,related accept",
    "icmpv6 type { echo-request, packet-too-big } accept",
    "tcp dport 7786 accept",
    "drop",
  ]);
});
