import { z } from "zod";

/** What one interface carries and what can be moved to another: its addresses and its routes, as `ip -j` tells them. Pure. */

/** IPv4's and IPv6's word for "does not expire" (rtnetlink, IFA_CACHEINFO). */
const FOREVER = 4_294_967_295;

const Word = z.string().regex(/^[0-9a-zA-Z.:/_-]{1,80}$/);

export const MovableAddress = z.object({
  family: z.enum(["inet", "inet6"]),
  /** With its prefix length, like 192.0.2.2/24. */
  local: Word,
  peer: Word.nullable(),
  broadcast: Word.nullable(),
  scope: Word,
  /** IPv4 only; it begins with the interface's own name, so it moves to no other. */
  label: Word.nullable(),
  metric: z.number().int().nullable(),
  noPrefixRoute: z.boolean(),
  /** Seconds; null: for ever. */
  validSeconds: z.number().int().nullable(),
  preferredSeconds: z.number().int().nullable(),
});
export type MovableAddress = z.infer<typeof MovableAddress>;

export const MovableRoute = z.object({
  family: z.enum(["inet", "inet6"]),
  destination: Word,
  gateway: Word.nullable(),
  table: Word.nullable(),
  protocol: Word.nullable(),
  scope: Word.nullable(),
  source: Word.nullable(),
  metric: z.number().int().nullable(),
  mtu: z.number().int().nullable(),
  onlink: z.boolean(),
  preference: Word.nullable(),
  expiresSeconds: z.number().int().nullable(),
});
export type MovableRoute = z.infer<typeof MovableRoute>;

export const InterfaceState = z.object({ addresses: z.array(MovableAddress), routes: z.array(MovableRoute) });
export type InterfaceState = z.infer<typeof InterfaceState>;

const AddressJson = z.array(
  z.looseObject({
    addr_info: z
      .array(
        z.looseObject({
          family: z.string().optional(),
          local: Word.optional(),
          address: Word.optional(),
          prefixlen: z.number().int().optional(),
          broadcast: Word.optional(),
          scope: Word.optional(),
          label: z.string().optional(),
          metric: z.number().int().optional(),
          noprefixroute: z.boolean().optional(),
          valid_life_time: z.number().int().optional(),
          preferred_life_time: z.number().int().optional(),
        }),
      )
      .optional(),
  }),
);

/** IPv6's own link-local address is left out: every interface has its own. */
export function parseAddresses(json: unknown): MovableAddress[] {
  return AddressJson.parse(json).flatMap((entry) =>
    (entry.addr_info ?? []).flatMap((info): MovableAddress[] => {
      if (info.local === undefined || (info.family !== "inet" && info.family !== "inet6")) return [];
      if (info.family === "inet6" && info.scope === "link") return [];
      const prefix = info.prefixlen ?? (info.family === "inet" ? 32 : 128);
      return [
        {
          family: info.family,
          local: info.address === undefined ? `${info.local}/${prefix}` : info.local,
          peer: info.address === undefined ? null : `${info.address}/${prefix}`,
          broadcast: info.broadcast ?? null,
          scope: info.scope ?? "global",
          label: Word.safeParse(info.label).data ?? null,
          metric: info.metric ?? null,
          noPrefixRoute: info.noprefixroute ?? false,
          validSeconds: lifetime(info.valid_life_time),
          preferredSeconds: lifetime(info.preferred_life_time),
        },
      ];
    }),
  );
}

const RouteJson = z.looseObject({
  type: z.string().optional(),
  dst: z.string(),
  gateway: z.string().optional(),
  table: z.string().optional(),
  protocol: z.string().optional(),
  scope: z.string().optional(),
  prefsrc: z.string().optional(),
  metric: z.number().int().optional(),
  expires: z.number().int().optional(),
  pref: z.string().optional(),
  flags: z.array(z.string()).optional(),
  metrics: z.array(z.looseObject({ mtu: z.number().int().optional() })).optional(),
});
const KNOWN_ROUTE_KEYS = new Set([
  "type",
  "dst",
  "gateway",
  "dev",
  "table",
  "protocol",
  "scope",
  "prefsrc",
  "metric",
  "expires",
  "pref",
  "flags",
  "metrics",
]);
/** What the kernel says of a route's present, not of its making. */
const PASSING_FLAGS = new Set(["linkdown", "dead", "offload", "trap", "rt_offload", "rt_trap"]);

/**
 * Routes that someone set; those that the kernel keeps with each address come and go with it.
 * `unmovable`: what a route has that this code cannot say again, in words.
 */
export function parseRoutes(family: "inet" | "inet6", json: unknown): { routes: MovableRoute[]; unmovable: string | null } {
  const routes: MovableRoute[] = [];
  let unmovable: string | null = null;
  for (const raw of z.array(z.unknown()).parse(json)) {
    const route = RouteJson.parse(raw);
    if (route.protocol === "kernel" || route.table === "local" || (route.flags ?? []).includes("cloned")) continue;
    const strange = [
      ...Object.keys(route).filter((key) => !KNOWN_ROUTE_KEYS.has(key)),
      ...(route.flags ?? []).filter((flag) => flag !== "onlink" && !PASSING_FLAGS.has(flag)),
      ...(route.metrics ?? []).flatMap((metrics) => Object.keys(metrics).filter((key) => key !== "mtu")),
      ...(route.type === undefined || route.type === "unicast" ? [] : [route.type]),
    ];
    if (strange.length > 0) {
      unmovable ??= `the route to ${route.dst} (${strange.join(", ")})`;
      continue;
    }
    routes.push({
      family,
      destination: route.dst === "default" ? (family === "inet" ? "0.0.0.0/0" : "::/0") : Word.parse(route.dst),
      gateway: route.gateway === undefined ? null : Word.parse(route.gateway),
      table: route.table === undefined ? null : Word.parse(route.table),
      protocol: route.protocol === undefined ? null : Word.parse(route.protocol),
      scope: route.scope === undefined ? null : Word.parse(route.scope),
      source: route.prefsrc === undefined ? null : Word.parse(route.prefsrc),
      metric: route.metric ?? null,
      mtu: route.metrics?.find((metrics) => metrics.mtu !== undefined)?.mtu ?? null,
      onlink: route.flags?.includes("onlink") ?? false,
      preference: route.pref === undefined || route.pref === "medium" ? null : Word.parse(route.pref),
      expiresSeconds: route.expires ?? null,
    });
  }
  return { routes: inOrderOfNeed(routes), unmovable };
}

/** `ip addr` words after add, replace or del. */
export function addressWords(address: MovableAddress, device: string): string {
  const label = address.label?.startsWith(`${device}:`) === true ? address.label : null;
  return words(
    [address.local, address.peer === null ? null : `peer ${address.peer}`],
    [`dev ${device}`, address.broadcast === null ? null : `brd ${address.broadcast}`],
    [address.scope === "global" ? null : `scope ${address.scope}`, label === null ? null : `label ${label}`],
    [
      address.metric === null ? null : `metric ${address.metric}`,
      address.validSeconds === null ? null : `valid_lft ${address.validSeconds}`,
    ],
    [address.validSeconds === null ? null : `preferred_lft ${address.preferredSeconds ?? "forever"}`],
    // The host has this address already: nobody is to be asked whether it is free.
    [address.noPrefixRoute ? "noprefixroute" : null, address.family === "inet6" ? "nodad" : null],
  );
}

export function routeWords(route: MovableRoute, device: string): string {
  return words(
    [route.destination, route.gateway === null ? null : `via ${route.gateway}`],
    [`dev ${device}`, route.table === null ? null : `table ${route.table}`],
    [route.protocol === null ? null : `proto ${route.protocol}`, route.scope === null ? null : `scope ${route.scope}`],
    [route.source === null ? null : `src ${route.source}`, route.metric === null ? null : `metric ${route.metric}`],
    [route.mtu === null ? null : `mtu ${route.mtu}`, route.onlink ? "onlink" : null],
    [route.preference === null ? null : `pref ${route.preference}`],
    [route.expiresSeconds === null ? null : `expires ${Math.max(1, route.expiresSeconds)}`],
  );
}

/** Routers that default routes go by, each once. */
export function gatewaysOf(state: InterfaceState): string[] {
  const defaults = state.routes.filter((route) => route.destination === "0.0.0.0/0" || route.destination === "::/0");
  return [...new Set(defaults.flatMap((route) => route.gateway ?? []))];
}

/** Equal for two states that differ in nothing but the time that has passed. */
export function fingerprint(state: InterfaceState): string {
  const timeless = {
    addresses: state.addresses.map((address) => ({
      ...address,
      label: null,
      validSeconds: address.validSeconds === null,
      preferredSeconds: address.preferredSeconds === null,
    })),
    routes: state.routes.map((route) => ({ ...route, expiresSeconds: route.expiresSeconds === null })),
  };
  const sorted = (list: readonly object[]): string[] => list.map((each) => JSON.stringify(each)).sort();
  return JSON.stringify([sorted(timeless.addresses), sorted(timeless.routes)]);
}

/** Those reached directly come first: a gateway must be reachable when the route by it is set. */
function inOrderOfNeed(routes: readonly MovableRoute[]): MovableRoute[] {
  return [...routes.filter((route) => route.gateway === null), ...routes.filter((route) => route.gateway !== null)];
}

function lifetime(seconds: number | undefined): number | null {
  return seconds === undefined || seconds === FOREVER ? null : seconds;
}

function words(...parts: readonly (readonly (string | null)[])[]): string {
  return parts
    .flat()
    .filter((part) => part !== null)
    .join(" ");
}
