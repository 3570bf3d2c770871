import { agentApi } from "@indium/contract/agent-api";
import { AppError, TRPC_CODE, toAppError } from "@indium/contract/errors";
import type { HostFacts } from "@indium/contract/host";
import { wireErrorOf } from "@indium/tunnel/rpc-error";
import { initTRPC, TRPCError } from "@trpc/server";
import superjson from "superjson";
import type { Hypervisor } from "../drivers/types";
import type { Ledger } from "../ledger/ledger";
import type { NetworkManager } from "../network/types";
import type { Reconciler } from "../reconciler/reconciler";
import type { CommandCheck } from "./command-check";

export interface AgentContext {
  readonly signal: AbortSignal;
}

export interface RouterParts {
  readonly reconciler: Reconciler;
  readonly ledger: Ledger;
  readonly hypervisor: Hypervisor;
  readonly networks: NetworkManager;
  readonly commands: CommandCheck;
  facts(): Promise<HostFacts>;
}

const t = initTRPC.context<AgentContext>().create({
  transformer: superjson,
  isDev: false,
  errorFormatter: ({ shape, error }) => {
    const app = wireErrorOf(error);
    return { ...shape, message: app.message, data: { code: shape.data.code, httpStatus: shape.data.httpStatus, app } };
  },
});

/** What a procedure throws leaves as one of ours; tRPC's own refusals (unknown path, bad input) keep their kind. */
const procedure = t.procedure.use(async ({ next, path }) => {
  const result = await next();
  if (result.ok || result.error.code === "BAD_REQUEST") return result;
  const app = toAppError(result.error.cause ?? result.error, `${path} failed on this host. The agent's log there says why.`);
  throw new TRPCError({ code: TRPC_CODE[app.code], message: app.message, cause: app });
});

/** The agent's procedures, served backwards over the link. Thin: each calls the part that does it. */
export function createRouter(parts: RouterParts) {
  const { reconciler, ledger, hypervisor, networks, commands } = parts;
  return t.router({
    // Not a router() of its own: tRPC reserves the word `apply` there, for callers on this side, of which there are none.
    document: {
      apply: procedure
        .input(agentApi.documentApply.input)
        .output(agentApi.documentApply.output)
        .mutation(async ({ input }) => {
          try {
            return { accepted: true as const, generation: await reconciler.apply(input.document) };
          } catch (thrown) {
            return { accepted: false as const, error: toAppError(thrown, "The document could not be kept on this host.").toWire() };
          }
        }),
      status: procedure
        .input(agentApi.documentStatus.input)
        .output(agentApi.documentStatus.output)
        .query(() => ({
          ledgerId: ledger.ledgerId,
          centreEpoch: ledger.centreEpoch,
          generation: ledger.generation,
          instances: [...reconciler.drivers.values()].map((driver) => ({
            instanceId: driver.id,
            generation: driver.record.desired.generation,
            appliedGeneration: driver.record.appliedGeneration,
            state: driver.state,
          })),
        })),
    },
    host: t.router({
      facts: procedure
        .input(agentApi.hostFacts.input)
        .output(agentApi.hostFacts.output)
        .query(() => parts.facts()),
    }),
    instance: t.router({
      serialTail: procedure
        .input(agentApi.instanceSerialTail.input)
        .output(agentApi.instanceSerialTail.output)
        .query(({ input }) => {
          const { instanceId, bytes } = commands.take(input.command, "instance.serialTail", agentApi.instanceSerialTail.command);
          known(instanceId);
          return hypervisor.serialTail(instanceId, bytes);
        }),
      lastScreen: procedure
        .input(agentApi.instanceLastScreen.input)
        .output(agentApi.instanceLastScreen.output)
        .query(async ({ input }) => {
          const { instanceId } = commands.take(input.command, "instance.lastScreen", agentApi.instanceLastScreen.command);
          known(instanceId);
          const screen = await hypervisor.lastScreen(instanceId);
          return screen === null ? null : { png: screen.png.toString("base64"), at: screen.at };
        }),
      nicCounters: procedure
        .input(agentApi.instanceNicCounters.input)
        .output(agentApi.instanceNicCounters.output)
        .query(async ({ input }) => {
          const { desired } = known(input.instanceId);
          const nics = await Promise.all(desired.nics.map(async ({ id }) => ({ nicId: id, counters: await networks.counters(id) })));
          return { nics };
        }),
    }),
  });

  function known(id: Parameters<typeof ledger.records.get>[0]) {
    const record = ledger.records.get(id);
    if (record === undefined || record.gone) throw new AppError("not_found", `This host holds no instance ${id}.`);
    return record;
  }
}
