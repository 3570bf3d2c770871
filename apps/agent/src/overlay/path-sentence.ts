import type { CarrierPath, HostPath } from "@indium/contract/overlay";

/** For the log and `doctor`: by which way this host is linked, how fast, and why it is not the better one. */
export function pathSentence({ kind, reason, detail, roundTripMs, carrier }: HostPath): string {
  const way = `${kind === "overlay" ? "WireGuard overlay" : "websocket"}${inMs(roundTripMs)}`;
  const why = kind === "overlay" ? [] : [whyNot(reason), ...(detail === null ? [] : [detail])];
  return [way, ...why, ...(carrier === undefined ? [] : [carrierSentence(carrier)])].join("; ");
}

function whyNot(reason: HostPath["reason"]): string {
  switch (reason) {
    case "healthy":
      return "moving to the WireGuard overlay";
    case "trying":
      return "the WireGuard overlay is being tried";
    case "silent":
      return "UDP to the relay seems to be blocked";
    case "unsteady":
      return "the WireGuard overlay answers again and is waited for";
    case "unlinked":
      return "no link came up over the WireGuard overlay";
    case "sameMachine":
      return "the relay runs on this machine";
    case "simulated":
      return "a simulated host has no overlay";
    case "relayOff":
      return "the relay has no WireGuard overlay";
    case "hostOff":
      return "this host cannot use the WireGuard overlay";
  }
}

function carrierSentence({ state, detail, roundTripMs }: CarrierPath): string {
  switch (state) {
    case "opening":
      return "WireGuard inside websocket is being tried for paired hosts";
    case "carrying":
      return `WireGuard inside websocket for paired hosts${inMs(roundTripMs)}`;
    case "failed":
      return `WireGuard inside websocket failed: ${detail ?? "see the log"}`;
  }
}

const inMs = (ms: number | null): string => (ms === null ? "" : `, ${ms.toFixed(1)} ms`);
