import { tmpdir } from "node:os";
import { agentApi } from "@indium/contract/agent-api";
import type { SignedCommand } from "@indium/contract/command";
import { newId } from "@indium/contract/ids";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { callTRPCProcedure, getTRPCErrorShape, TRPCError } from "@trpc/server";
import { beforeEach, describe, expect, it } from "vitest";
import { SimulatedHypervisor } from "../drivers/simulated/simulated-hypervisor";
import { SimulatedNetworkManager } from "../drivers/simulated/simulated-network";
import { createSimulatedParts } from "../drivers/simulated/simulated-parts";
import { centre, TestHost } from "../reconciler/testing/test-host";
import { CommandCheck } from "./command-check";
import { createRouter } from "./router";

const NOW = 1_800_000_000_000;
let commandNumber = 0;
/** As the centre signs it; `over` forges one field. */
function signed(input: unknown, over: Partial<SignedCommand> = {}, privateKey = centre.privateKey) {
  commandNumber++;
  const command: SignedCommand = {
    hostId: host.hostId,
    centreEpoch: 1,
    commandId: commandNumber.toString(16).padStart(32, "0"),
    operationId: null,
    procedure: "instance.serialTail",
    input: JSON.stringify(input),
    expiresAt: NOW + 60_000,
    ...over,
  };
  return { command: signEnvelope("command", command, privateKey) };
}

let host: TestHost;
let router: ReturnType<typeof createRouter>;

beforeEach(async () => {
  host = new TestHost();
  await host.startAgent();
  router = createRouter({
    reconciler: host.reconciler,
    ledger: host.ledger,
    hypervisor: new SimulatedHypervisor(host.machine),
    networks: new SimulatedNetworkManager(host.machine),
    commands: new CommandCheck({
      hostId: host.hostId,
      centrePublicKey: centre.publicKey,
      centreEpoch: () => host.ledger.centreEpoch,
      now: () => NOW,
    }),
    facts: createSimulatedParts({ stateDir: tmpdir(), hostname: "host-1" }).parts.facts,
  });
});

function call(path: string, type: "query" | "mutation", input?: unknown): Promise<unknown> {
  const signal = new AbortController().signal;
  return callTRPCProcedure({ router, path, type, ctx: { signal }, signal, batchIndex: 0, getRawInput: async () => input });
}

describe("the agent's router", () => {
  it("applies a signed document and says its status", async () => {
    const { id } = await host.running();
    const status = agentApi.documentStatus.output.parse(await call("document.status", "query"));
    expect(status).toMatchObject({
      centreEpoch: 1,
      generation: 1,
      instances: [{ instanceId: id, generation: 1, appliedGeneration: 1, state: "running" }],
    });
  });

  it("answers a refused document with the reason, as an answer and not as a failure", async () => {
    const document = signEnvelope("desired-document", host.document(), generateSigningKeyPair().privateKey);
    expect(await call("document.apply", "mutation", { document })).toMatchObject({ accepted: false, error: { code: "signature_invalid" } });
  });

  it("gives a serial log's end and a NIC's counters of instances it holds, and of no others", async () => {
    const instance = await host.running();
    const tail = agentApi.instanceSerialTail.output.parse(
      await call("instance.serialTail", "query", signed({ instanceId: instance.id, bytes: 1_000 })),
    );
    expect(tail.text).toContain("SIMULATED web-1");
    const counters = agentApi.instanceNicCounters.output.parse(await call("instance.nicCounters", "query", { instanceId: instance.id }));
    expect(counters.nics[0]?.nicId).toBe(instance.nics[0]?.id);
    await expect(call("instance.serialTail", "query", signed({ instanceId: "i-0000000000000dead", bytes: 1 }))).rejects.toMatchObject({
      cause: { code: "not_found" },
    });
  });

  it.each([["../../etc/passwd"], ["i-1; rm -rf /"], [null]])("refuses %j where an id belongs", async (instanceId) => {
    await expect(call("instance.serialTail", "query", signed({ instanceId, bytes: 1 }))).rejects.toMatchObject({
      cause: { code: "bad_request" },
    });
    await expect(call("instance.nicCounters", "query", { instanceId })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("shows a serial log to the centre only, and to each of its commands once", async () => {
    const { id } = await host.running();
    const input = { instanceId: id, bytes: 10 };
    const once = signed(input);
    await call("instance.serialTail", "query", once);
    for (const [command, code] of [
      [once, "token_used"],
      [signed(input, {}, generateSigningKeyPair().privateKey), "signature_invalid"],
      [signed(input, { hostId: newId("host") }), "forbidden"],
      [signed(input, { procedure: "instance.nicCounters" }), "forbidden"],
      [signed(input, { centreEpoch: 0 }), "bad_request"],
      [signed(input, { expiresAt: NOW - 61_000 }), "token_expired"],
      [signed(input, { input: "{" }), "bad_request"],
    ] as const)
      await expect(call("instance.serialTail", "query", command), code).rejects.toMatchObject({ cause: { code } });
    await expect(call("instance.serialTail", "query", input)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("puts our error, and no stack, into what leaves", () => {
    const error = new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause: new Error("secret path /root/x") });
    const shape = getTRPCErrorShape({ config: router._def._config, error, type: "query", path: "x", input: undefined, ctx: undefined });
    expect(shape).toMatchObject({ data: { app: { code: "internal" } } });
    expect(JSON.stringify(shape)).not.toContain("stack");
    expect(JSON.stringify(shape.data)).not.toContain("secret");
  });

  it("gives facts that the contract takes", async () => {
    expect(agentApi.hostFacts.output.parse(await call("host.facts", "query"))).toMatchObject({ driver: "simulated", hostname: "host-1" });
  });
});
