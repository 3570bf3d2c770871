import type { OverlayCandidates } from "@indium/contract/direct";
import type { ReportBody } from "@indium/contract/report";
import { expect, it } from "vitest";
import type { ReadyLink } from "../link/connection";
import { createLog } from "../system/log";
import { Reachability } from "./reachability";

const address = { address: "10.0.0.7", family: "IPv4", internal: false, netmask: "", mac: "", cidr: null } as const;

function host(declared: string | null = null) {
  const reports: ReportBody[] = [];
  const seen = { endpoint: null as unknown, port: 4_000 as number | null, asked: 0 };
  const reachability = new Reachability({
    ...{ log: createLog({ format: "json", level: "error" }), declared },
    report: (body) => reports.push(body),
    onKnown: () => {},
    interfaces: () => ({ eth0: [address] }),
  });
  const emitWithAck = async () => {
    seen.asked += 1;
    if (seen.endpoint instanceof Error) throw seen.endpoint;
    return seen.endpoint;
  };
  const link = { socket: { connected: true, timeout: () => ({ emitWithAck }) } } as unknown as ReadyLink;
  reachability.linked(link);
  reachability.up({ listenPort: async () => seen.port }, "fd00:1:2");
  let now = 0;
  const pass = async (ms: number) => {
    for (const until = now + ms; now < until; now += 1_000) {
      reachability.tick(now);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const told = () => reports.map((report) => (report as OverlayCandidates).candidates.map(({ kind, endpoint }) => `${kind} ${endpoint}`));
  return { reachability, link, seen, pass, told, nats: () => reports.map((report) => (report as OverlayCandidates).nat) };
}

it("tells its own addresses at once, where its relay sees it once that is known, and each once", async () => {
  const { seen, pass, told, nats } = host("192.0.2.9:7785");
  await pass(8_000);
  seen.endpoint = "203.0.113.5:61000";
  await pass(60_000);
  expect(told()).toEqual([
    ["lan 10.0.0.7:4000", "declared 192.0.2.9:7785"],
    ["lan 10.0.0.7:4000", "observed 203.0.113.5:61000", "declared 192.0.2.9:7785"],
  ]);
  expect(nats()).toEqual([null, "changesPorts"]);
  // Once a minute from then on: the relay is not asked at every look.
  expect(seen.asked).toBeLessThan(6);
});

it("tells it again with each link, and takes no endpoint that is none", async () => {
  const { reachability, link, seen, pass, told } = host();
  seen.endpoint = { toString: () => "203.0.113.5:1" };
  await pass(1_000);
  reachability.linked(link);
  seen.endpoint = new Error("a relay of before");
  await pass(1_000);
  expect(told()).toEqual([["lan 10.0.0.7:4000"], ["lan 10.0.0.7:4000"]]);
});

it("tells nothing before WireGuard listens", async () => {
  const { seen, pass, told } = host();
  seen.port = null;
  await pass(12_000);
  expect(told()).toEqual([]);
  seen.port = 5_000;
  await pass(6_000);
  expect(told()).toEqual([["lan 10.0.0.7:5000"]]);
});
