import { z } from "zod";
import type { HostShell } from "./host-shell";
import type { NetworkLog } from "./log";
import { BRIDGE_PREFIX } from "./names";

const RouteJson = z.array(z.looseObject({ dev: z.string().optional() }));

/**
 * Lets packets pass between a NAT bridge and the interfaces this host itself routes by. IPv4 forwarding is per incoming
 * interface (net/ipv4/route.c, IN_DEV_FORWARD), so a host that was no router before becomes one for these only.
 */
export async function enableIpv4Forwarding(shell: HostShell, bridge: string, log: NetworkLog): Promise<void> {
  const everywhere = await shell.readProc("sys/net/ipv4/ip_forward");
  if (everywhere === "1") return;
  const devices = new Set([bridge, ...(await routedDevices(shell, "-4"))]);
  if (
    !(await shell.sysctl(
      [...devices].map((device) => `ipv4/conf/${device}/forwarding`),
      "1",
    ))
  ) {
    log(
      "warning",
      `Forwarding could not be switched on for ${bridge}; its guests cannot reach beyond this host. Run: sysctl -w net.ipv4.ip_forward=1`,
    );
  }
}

/**
 * IPv6 forwards only when `all` says so, and then stops listening to routers' advertisements (ip-sysctl: accept_ra 1 means
 * "unless forwarding"). Interfaces that listened go on listening: 2.
 */
export async function enableIpv6Forwarding(shell: HostShell, bridge: string, log: NetworkLog): Promise<void> {
  const state = await shell.readProc("sys/net/ipv6/conf/all/forwarding");
  if (state === "1") return;
  if (state === null) {
    log("warning", `This host has no IPv6; ${bridge} serves IPv4 only.`);
    return;
  }
  const listening: string[] = [];
  for (const device of await routedDevices(shell, "-6")) {
    if ((await shell.readProc(`sys/net/ipv6/conf/${device}/accept_ra`)) === "1") listening.push(`ipv6/conf/${device}/accept_ra`);
  }
  await shell.sysctl(listening, "2");
  if (!(await shell.sysctl(["ipv6/conf/all/forwarding"], "1"))) {
    log("warning", `IPv6 forwarding could not be switched on for ${bridge}. Run: sysctl -w net.ipv6.conf.all.forwarding=1`);
  }
}

async function routedDevices(shell: HostShell, family: "-4" | "-6"): Promise<string[]> {
  const result = await shell.ipMaybe(family, "-j", "route", "show");
  if (result.code !== 0) return [];
  const parsed = RouteJson.safeParse(JSON.parse(result.stdout.trim() === "" ? "[]" : result.stdout));
  const devices = (parsed.success ? parsed.data : []).flatMap((route) => (route.dev === undefined ? [] : [route.dev]));
  return [...new Set(devices)].filter((device) => device !== "lo" && !device.startsWith(BRIDGE_PREFIX));
}
