import { agentApi, CommandInput } from "@indium/contract/agent-api";
import { SignedEnvelope } from "@indium/contract/envelope";
import { AppError, toAppError } from "@indium/contract/errors";
import type { HostFacts } from "@indium/contract/host";
import type { HostId } from "@indium/contract/ids";
import { Sha256 } from "@indium/contract/image";
import { boundedSuperjson } from "@indium/tunnel/bounded-superjson";
import { signHostReply } from "@indium/tunnel/host-reply";
import type { KeyPair } from "@indium/tunnel/keys";
import { wireErrorOf } from "@indium/tunnel/rpc-error";
import { initTRPC } from "@trpc/server";
import type { z } from "zod";
import type { Hypervisor } from "../drivers/types";
import { heldVolume } from "../instance/disk";
import type { Ledger } from "../ledger/ledger";
import type { NetworkManager } from "../network/types";
import type { Reconciler } from "../reconciler/reconciler";
import type { VolumeStore } from "../storage/types";
import type { CommandCheck } from "./command-check";

export interface AgentContext {
  readonly signal: AbortSignal;
}

export interface RouterParts {
  readonly reconciler: Reconciler;
  readonly ledger: Ledger;
  readonly hypervisor: Hypervisor;
  readonly networks: NetworkManager;
  readonly volumes: VolumeStore;
  readonly commands: CommandCheck;
  /** Signs every answer. */
  readonly host: { readonly hostId: HostId; readonly keys: KeyPair };
  /** Of ours, for the log: what leaves says less. */
  readonly onInternalError?: (path: string, error: AppError) => void;
  facts(): Promise<HostFacts>;
}

const t = initTRPC.context<AgentContext>().create({
  transformer: boundedSuperjson,
  isDev: false,
  errorFormatter: ({ shape, error }) => {
    const app = wireErrorOf(error);
    return { ...shape, message: app.message, data: { code: shape.data.code, httpStatus: shape.data.httpStatus, app } };
  },
});

/**
 * The agent's procedures, served backwards over the link. Thin: each calls the part that does it. Every question is signed by the centre and
 * every answer, refusals too, by this host: whatever carries them can hold them back and nothing more. Only what is no question at all
 * (tRPC's own refusals: an unknown path, a malformed input) is answered unsigned.
 */
export function createRouter(parts: RouterParts) {
  const { reconciler, ledger, hypervisor, networks, volumes, commands } = parts;
  const key = { hostId: parts.host.hostId, privateKey: parts.host.keys.privateKey };

  const answer = async <T>(path: string, question: SignedEnvelope, work: () => T | Promise<T>): Promise<SignedEnvelope> => {
    try {
      return signHostReply(question, { ok: true, result: await work() }, key);
    } catch (thrown) {
      const error = toAppError(thrown, `${path} failed on this host. The agent's log there says why.`);
      if (error.code === "internal") parts.onInternalError?.(path, error);
      return signHostReply(question, { ok: false, error: error.toWire() }, key);
    }
  };
  /** A query by signed command: `work` gets the command's input once it is known to be the centre's. */
  const query = <S extends z.ZodType, T>(
    path: string,
    api: { readonly command: S; readonly output: z.ZodType<T> },
    work: (input: z.output<S>) => T | Promise<T>,
  ) =>
    t.procedure
      .input(CommandInput)
      .output(SignedEnvelope)
      .query(({ input: { command } }) => answer(path, command, () => work(commands.take(command, path, api.command))));

  return t.router({
    // Not a router() of its own: tRPC reserves the word `apply` there, for callers on this side, of which there are none.
    document: {
      apply: t.procedure
        .input(agentApi.documentApply.input)
        .output(SignedEnvelope)
        .mutation(({ input: { document } }) =>
          answer("document.apply", document, async (): Promise<z.output<typeof agentApi.documentApply.output>> => {
            try {
              return { accepted: true, generation: await reconciler.apply(document) };
            } catch (thrown) {
              return { accepted: false, error: toAppError(thrown, "The document could not be kept on this host.").toWire() };
            }
          }),
        ),
      status: query("document.status", agentApi.documentStatus, () => ({
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
    host: t.router({ facts: query("host.facts", agentApi.hostFacts, () => parts.facts()) }),
    image: t.router({
      evict: t.procedure
        .input(CommandInput)
        .output(SignedEnvelope)
        .mutation(({ input: { command } }) =>
          answer("image.evict", command, async () => {
            const { imageId, sha256 } = commands.take(command, "image.evict", agentApi.imageEvict.command);
            return { freedBytes: await reconciler.evictImage(imageId, sha256) };
          }),
        ),
    }),
    instance: t.router({
      disks: query("instance.disks", agentApi.instanceDisks, async ({ instanceId }) => {
        const record = known(instanceId);
        const ids = [...new Set([heldVolume(record), ...record.volumes])].slice(0, 16);
        const infos = await Promise.all(ids.map(async (volumeId) => ({ volumeId, info: await volumes.inspect(volumeId) })));
        return {
          disks: infos.flatMap(({ volumeId, info }) => {
            const base = Sha256.safeParse(info?.basePath?.split("/").at(-1));
            return info === null ? [] : [{ volumeId, ...info, baseSha256: base.success ? base.data : null }];
          }),
        };
      }),
      serialTail: query("instance.serialTail", agentApi.instanceSerialTail, ({ instanceId, bytes }) => {
        known(instanceId);
        return hypervisor.serialTail(instanceId, bytes);
      }),
      lastScreen: query("instance.lastScreen", agentApi.instanceLastScreen, async ({ instanceId }) => {
        known(instanceId);
        const screen = await hypervisor.lastScreen(instanceId);
        return screen === null ? null : { png: screen.png.toString("base64"), at: screen.at };
      }),
      nicCounters: query("instance.nicCounters", agentApi.instanceNicCounters, async ({ instanceId }) => {
        const { desired } = known(instanceId);
        return { nics: await Promise.all(desired.nics.map(async ({ id }) => ({ nicId: id, counters: await networks.counters(id) }))) };
      }),
    }),
  });

  function known(id: Parameters<typeof ledger.records.get>[0]) {
    const record = ledger.records.get(id);
    if (record === undefined || record.gone) throw new AppError("not_found", `This host holds no instance ${id}.`);
    return record;
  }
}
