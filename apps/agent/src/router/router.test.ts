import { tmpdir } from "node:os";
import { agentApi } from "@indium/contract/agent-api";
import type { SignedCommand } from "@indium/contract/command";
import { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import { newId } from "@indium/contract/plain/ids";
import { signEnvelope } from "@indium/tunnel/envelope";
import { openHostReply } from "@indium/tunnel/host-reply";
import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { callTRPCProcedure, getTRPCErrorShape, TRPCError } from "@trpc/server";
import { beforeEach, describe, expect, it } from "vitest";
import { SimulatedHypervisor } from "../drivers/simulated/simulated-hypervisor";
import { SimulatedNetworkManager } from "../drivers/simulated/simulated-network";
import { createSimulatedParts } from "../drivers/simulated/simulated-parts";
import { SimulatedVolumeStore } from "../drivers/simulated/simulated-storage";
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

const keys = generateSigningKeyPair();
/** What the host answered, opened as web does. */
async function ask(
  path: string,
  type: "query" | "mutation",
  input: { command: SignedEnvelope } | { document: SignedEnvelope },
): Promise<unknown> {
  const reply = await call(path, type, input);
  const question = "command" in input ? input.command : input.document;
  const answer = openHostReply(reply, question, { hostId: host.hostId, publicKey: keys.publicKey });
  if (!answer.ok) throw AppError.fromWire(answer.error);
  return answer.result;
}

let host: TestHost;
let failures: string[];
/** What asking the network's counters fails with. */
let broken: Error | null;
let router: ReturnType<typeof createRouter>;

beforeEach(async () => {
  host = new TestHost();
  await host.startAgent();
  failures = [];
  broken = null;
  const networks = new SimulatedNetworkManager(host.machine);
  router = createRouter({
    host: { hostId: host.hostId, keys },
    onInternalError: (path, error) => failures.push(`${path}: ${error.internal}`),
    reconciler: host.reconciler,
    ledger: host.ledger,
    hypervisor: new SimulatedHypervisor(host.machine),
    volumes: new SimulatedVolumeStore(host.machine),
    networks: Object.assign(Object.create(networks), {
      counters: () => (broken === null ? networks.counters() : Promise.reject(broken)),
    }),
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
    const status = agentApi.documentStatus.output.parse(
      await ask("document.status", "query", signed({}, { procedure: "document.status" })),
    );
    expect(status).toMatchObject({
      centreEpoch: 1,
      generation: 1,
      instances: [{ instanceId: id, generation: 1, appliedGeneration: 1, state: "running" }],
    });
  });

  it("answers a refused document with the reason, as an answer and not as a failure", async () => {
    const document = signEnvelope("desired-document", host.document(), generateSigningKeyPair().privateKey);
    expect(await ask("document.apply", "mutation", { document })).toMatchObject({ accepted: false, error: { code: "signature_invalid" } });
  });

  it("gives a serial log's end and a NIC's counters of instances it holds, and of no others", async () => {
    const instance = await host.running();
    const tail = agentApi.instanceSerialTail.output.parse(
      await ask("instance.serialTail", "query", signed({ instanceId: instance.id, bytes: 1_000 })),
    );
    expect(tail.text).toContain("SIMULATED web-1");
    const counters = agentApi.instanceNicCounters.output.parse(
      await ask("instance.nicCounters", "query", signed({ instanceId: instance.id }, { procedure: "instance.nicCounters" })),
    );
    expect(counters.nics[0]?.nicId).toBe(instance.nics[0]?.id);
    await expect(ask("instance.serialTail", "query", signed({ instanceId: "i-0000000000000dead", bytes: 1 }))).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it.each([["../../etc/passwd"], ["i-1; rm -rf /"], [null]])("refuses %j where an id belongs", async (instanceId) => {
    for (const procedure of ["instance.serialTail", "instance.nicCounters"])
      await expect(ask(procedure, "query", signed({ instanceId, bytes: 1 }, { procedure }))).rejects.toMatchObject({ code: "bad_request" });
  });

  it.each([["instance.serialTail"], ["instance.nicCounters"], ["document.status"], ["host.facts"]])(
    "answers %s to the centre only, and to each of its commands once",
    async (procedure) => {
      const { id } = await host.running();
      const input = { instanceId: id, bytes: 10 };
      const once = signed(input, { procedure });
      await ask(procedure, "query", once);
      for (const [command, code] of [
        [once, "token_used"],
        [signed(input, { procedure }, generateSigningKeyPair().privateKey), "signature_invalid"],
        [signed(input, { procedure, hostId: newId("host") }), "forbidden"],
        [signed(input, { procedure: "instance.power" }), "forbidden"],
        [signed(input, { procedure, centreEpoch: 0 }), "bad_request"],
        [signed(input, { procedure, expiresAt: NOW - 61_000 }), "token_expired"],
        [signed(input, { procedure, input: "{" }), "bad_request"],
      ] as const)
        await expect(ask(procedure, "query", command), code).rejects.toMatchObject({ code });
      await expect(call(procedure, "query", input)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    },
  );

  it("signs what it answers, refusals too, and tells a failure of ours to the log only", async () => {
    const question = signed({ instanceId: "i-0000000000000dead", bytes: 1 });
    const reply = SignedEnvelope.parse(await call("instance.serialTail", "query", question));
    const open = (about: SignedEnvelope, hostId: string = host.hostId, publicKey = keys.publicKey) =>
      openHostReply(reply, about, { hostId, publicKey });
    expect(open(question.command)).toMatchObject({ ok: false, error: { code: "not_found" } });
    expect(() => open(signed({}).command)).toThrow("another question");
    expect(() => open(question.command, newId("host"))).toThrow("another question");
    expect(() => open(question.command, host.hostId, generateSigningKeyPair().publicKey)).toThrow("does not trust");
    const { id } = await host.running();
    const failing = signed({ instanceId: id }, { procedure: "instance.nicCounters" });
    broken = new Error("secret path /root/x");
    const refused = SignedEnvelope.parse(await call("instance.nicCounters", "query", failing));
    expect(openHostReply(refused, failing.command, { hostId: host.hostId, publicKey: keys.publicKey })).toMatchObject({
      ok: false,
      error: { code: "internal" },
    });
    expect(refused.payload).not.toContain("secret");
    expect(failures).toEqual(["instance.nicCounters: Error: secret path /root/x"]);
  });

  it("puts our error, and no stack, into what leaves", () => {
    const error = new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause: new Error("secret path /root/x") });
    const shape = getTRPCErrorShape({ config: router._def._config, error, type: "query", path: "x", input: undefined, ctx: undefined });
    expect(shape).toMatchObject({ data: { app: { code: "internal" } } });
    expect(JSON.stringify(shape)).not.toContain("stack");
    expect(JSON.stringify(shape.data)).not.toContain("secret");
  });

  it("gives facts that the contract takes", async () => {
    expect(agentApi.hostFacts.output.parse(await ask("host.facts", "query", signed({}, { procedure: "host.facts" })))).toMatchObject({
      driver: "simulated",
      hostname: "host-1",
    });
  });
});
