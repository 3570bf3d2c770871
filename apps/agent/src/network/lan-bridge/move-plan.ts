import { formatCidr, parseCidr } from "@indium/domain/ip";
import { addressWords, type InterfaceState, routeWords } from "./interface-state";

/**
 * The lines for `ip -batch` that move an uplink's addresses and routes onto a bridge and back. Pure.
 *
 * Every way has two lists. `forward` stops at its first failure. `undo` is run with -force (a line that fails is passed over) and
 * leads to the state before from wherever forward had got to, also when two run it at once: each line either brings something of
 * the old state about or takes something of the new one away.
 */
export interface MovePlan {
  /** Makes what is needed and touches nothing that is in use. */
  readonly prepare: readonly string[];
  readonly forward: readonly string[];
  /** With -force, after forward. */
  readonly tidy: readonly string[];
  readonly undo: readonly string[];
}

export interface BridgeLink {
  readonly uplink: string;
  readonly bridge: string;
  readonly macAddress: string;
  readonly mtu: number;
  readonly alias: string;
}

export function planMake(link: BridgeLink, state: InterfaceState): MovePlan {
  const { uplink, bridge } = link;
  return {
    // The uplink's own MAC: leases, neighbours' tables and switches' port security go by it.
    prepare: [
      `link add name ${bridge} address ${link.macAddress} mtu ${link.mtu} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`,
      `link set ${bridge} alias "${link.alias}"`,
    ],
    forward: [`link set ${bridge} up`, `link set ${uplink} master ${bridge}`, ...move(state, uplink, bridge)],
    tidy: tidy(state, uplink),
    undo: [`link set ${uplink} nomaster`, `link del ${bridge}`, ...restore(state, uplink, null)],
  };
}

/** The bridge itself stays until the move has proved itself. */
export function planRemove(link: Pick<BridgeLink, "uplink" | "bridge">, state: InterfaceState): MovePlan {
  const { uplink, bridge } = link;
  return {
    prepare: [],
    forward: [`link set ${uplink} nomaster`, ...move(state, bridge, uplink)],
    tidy: tidy(state, bridge),
    undo: [`link set ${uplink} master ${bridge}`, `link set ${bridge} up`, ...restore(state, bridge, uplink)],
  };
}

/** Addresses or routes that have come back to the uplink (ifup, a cable, a hand) while the bridge stands: they follow. */
export function planGather(link: Pick<BridgeLink, "uplink" | "bridge">, strays: InterfaceState): Pick<MovePlan, "forward" | "tidy"> {
  const forward = [
    ...strays.addresses.map((address) => `addr replace ${addressWords(address, link.bridge)}`),
    ...strays.routes.map((route) => `route del ${routeWords({ ...route, expiresSeconds: null }, link.uplink)}`),
    ...[...strays.addresses].reverse().map((address) => `addr del ${delWords(address.local, address.peer)} dev ${link.uplink}`),
    ...strays.routes.map((route) => `route replace ${routeWords(route, link.bridge)}`),
  ];
  return { forward, tidy: tidy(strays, link.uplink) };
}

/** The new address first: an address that is on no interface for a moment takes with it the routes that name it as their source. */
function move(state: InterfaceState, from: string, to: string): string[] {
  return [
    ...state.addresses.map((address) => `addr add ${addressWords(address, to)}`),
    ...state.routes.map((route) => `route del ${routeWords({ ...route, expiresSeconds: null }, from)}`),
    // Last first: with the first of a range, IPv4 drops those that follow it (promote_secondaries).
    ...[...state.addresses].reverse().map((address) => `addr del ${delWords(address.local, address.peer)} dev ${from}`),
    ...state.routes.map((route) => `route add ${routeWords(route, to)}`),
  ];
}

/**
 * When an IPv6 address that lasts leaves a range where one that ends was, the kernel keeps the range's route on the interface until
 * that end (net/ipv6/addrconf.c, CLEANUP_PREFIX_RT_EXPIRE), where it would draw packets away from the bridge.
 */
function tidy(state: InterfaceState, from: string): string[] {
  const ranges = state.addresses.flatMap((address) => {
    const cidr = address.family === "inet6" && !address.noPrefixRoute ? parseCidr(address.local) : null;
    return cidr === null ? [] : [formatCidr(cidr)];
  });
  return [...new Set(ranges)].map((range) => `route del ${range} dev ${from} proto kernel`);
}

function restore(state: InterfaceState, on: string, notOn: string | null): string[] {
  return [
    ...(notOn === null
      ? []
      : [
          ...state.routes.map((route) => `route del ${routeWords({ ...route, expiresSeconds: null }, notOn)}`),
          ...[...state.addresses].reverse().map((address) => `addr del ${delWords(address.local, address.peer)} dev ${notOn}`),
          ...tidy(state, notOn),
        ]),
    `link set ${on} up`,
    ...state.addresses.map((address) => `addr replace ${addressWords(address, on)}`),
    ...state.routes.map((route) => `route replace ${routeWords(route, on)}`),
  ];
}

const delWords = (local: string, peer: string | null): string => (peer === null ? local : `${local} peer ${peer}`);
