import type { AgentRouter } from "@indium/agent/router-type";
import { agentApi } from "@indium/contract/agent-api";
import type { HostReply } from "@indium/contract/command";
import type { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import { HostId } from "@indium/contract/ids";
import { hostLink } from "@indium/tunnel/host-link";
import { openHostReply } from "@indium/tunnel/host-reply";
import { appErrorOf } from "@indium/tunnel/rpc-error";
import { createTRPCClient, type TRPCClient } from "@trpc/client";
import type { z } from "zod";
import type { Db } from "../db";
import { recordForgery } from "../services/forgeries";
import { type Signer, signCommand } from "../services/signing";
import { HostLink } from "./host-link";

/**
 * The only caller of agents. What is asked is signed here and what is answered by the host. A call goes to the relay that holds the host's link, with the link's epoch, so that a relay that lost
 * the host refuses it. Every reply is parsed with the contract's schemas, because a host runs last month's agent.
 */
export interface HostCallContext {
  readonly db: Db;
  readonly signer: Signer;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** A document of 2,000 instances is written to disk before it is acknowledged. */
const DOCUMENT_TIMEOUT_MS = 30_000;

export const applyDocument = (context: HostCallContext, hostId: string, document: SignedEnvelope) =>
  callHost(context, hostId, {
    question: document,
    ask: (client) => client.document.apply.mutate({ document }),
    output: agentApi.documentApply.output,
    timeoutMs: DOCUMENT_TIMEOUT_MS,
  });

export async function documentStatus(context: HostCallContext, hostId: string) {
  const command = await commandFor(context, hostId, "document.status", {});
  const ask = (client: Client) => client.document.status.query({ command });
  return callHost(context, hostId, { question: command, ask, output: agentApi.documentStatus.output });
}

export async function serialTail(
  context: HostCallContext,
  hostId: string,
  input: z.input<(typeof agentApi)["instanceSerialTail"]["command"]>,
) {
  const command = await commandFor(context, hostId, "instance.serialTail", input);
  const ask = (client: Client) => client.instance.serialTail.query({ command });
  return callHost(context, hostId, { question: command, ask, output: agentApi.instanceSerialTail.output });
}

export async function lastScreen(
  context: HostCallContext,
  hostId: string,
  input: z.input<(typeof agentApi)["instanceLastScreen"]["command"]>,
) {
  const command = await commandFor(context, hostId, "instance.lastScreen", input);
  const ask = (client: Client) => client.instance.lastScreen.query({ command });
  return callHost(context, hostId, { question: command, ask, output: agentApi.instanceLastScreen.output });
}

export async function nicCounters(
  context: HostCallContext,
  hostId: string,
  input: z.input<(typeof agentApi)["instanceNicCounters"]["command"]>,
) {
  const command = await commandFor(context, hostId, "instance.nicCounters", input);
  const ask = (client: Client) => client.instance.nicCounters.query({ command });
  return callHost(context, hostId, { question: command, ask, output: agentApi.instanceNicCounters.output });
}

export async function instanceDisks(
  context: HostCallContext,
  hostId: string,
  input: z.input<(typeof agentApi)["instanceDisks"]["command"]>,
) {
  const command = await commandFor(context, hostId, "instance.disks", input);
  const ask = (client: Client) => client.instance.disks.query({ command });
  return callHost(context, hostId, { question: command, ask, output: agentApi.instanceDisks.output });
}

export async function evictImage(context: HostCallContext, hostId: string, input: z.input<(typeof agentApi)["imageEvict"]["command"]>) {
  const command = await commandFor(context, hostId, "image.evict", input);
  const ask = (client: Client) => client.image.evict.mutate({ command });
  return callHost(context, hostId, { question: command, ask, output: agentApi.imageEvict.output });
}

type Client = TRPCClient<AgentRouter>;

interface HostQuestion<S extends z.ZodType> {
  /** What the centre signed, and the host's answer must answer. */
  readonly question: SignedEnvelope;
  readonly ask: (client: Client) => Promise<unknown>;
  readonly output: S;
  readonly timeoutMs?: number;
}

async function commandFor(context: HostCallContext, hostId: string, procedure: string, input: unknown): Promise<SignedEnvelope> {
  const { centreEpoch } = await context.db.installation.findUniqueOrThrow({ where: { id: 1 }, select: { centreEpoch: true } });
  return signCommand(context.signer, { hostId: HostId.parse(hostId), centreEpoch, operationId: null, procedure, input }, Date.now());
}

/**
 * @throws AppError `host_unreachable` (nothing was sent), `host_timeout` (it may have been carried out), what the agent answered, or
 *   `signature_invalid` when what came is not the host's own answer to this question.
 */
async function callHost<S extends z.ZodType>(context: HostCallContext, hostId: string, about: HostQuestion<S>): Promise<z.output<S>> {
  const { question, ask, output, timeoutMs = DEFAULT_TIMEOUT_MS } = about;
  const host = await context.db.host.findUnique({ where: { id: hostId }, select: { name: true, publicKey: true } });
  if (host === null) throw new AppError("not_found", "This host does not exist.");
  const link = new HostLink(context, hostId);
  let reply: unknown;
  try {
    reply = await ask(createTRPCClient<AgentRouter>({ links: [hostLink<AgentRouter>(link.transport(timeoutMs))] }));
  } catch (thrown) {
    throw unsignedRefusal(appErrorOf(thrown), host.name);
  }
  let answer: HostReply["answer"];
  try {
    answer = openHostReply(reply, question, { hostId, publicKey: host.publicKey });
  } catch (cause) {
    await recordForgery(context.db, hostId, link.relayName ?? "(none)", "reply", Date.now());
    throw new AppError(
      "signature_invalid",
      `What came as the answer of host ${host.name} is not signed by it, so it is not believed. Its page says more.`,
      { cause },
    );
  }
  if (!answer.ok) throw AppError.fromWire(answer.error);
  const parsed = output.safeParse(answer.result);
  if (parsed.success) return parsed.data;
  throw new AppError("protocol_unsupported", `Host ${host.name} gave an answer that this Indium does not understand. Update its agent.`, {
    internal: parsed.error.message.slice(0, 1_000),
  });
}

const unreachable = (name: string): AppError =>
  new AppError("host_unreachable", `Host ${name} cannot be reached now. Check that it is on and its agent runs.`);

/** The relay's own words, or an agent's that could not read the question: neither is the host's answer, so none of them is shown. */
function unsignedRefusal(error: AppError, name: string): AppError {
  const options = { internal: `${error.code}: ${error.internal ?? error.message}`, cause: error };
  switch (error.code) {
    case "host_unreachable":
      return new AppError("host_unreachable", unreachable(name).message, options);
    case "host_timeout":
      return new AppError(
        "host_timeout",
        `Host ${name} did not answer in time; what was asked may have been done. Look again in a moment.`,
        options,
      );
    case "rate_limited":
      return new AppError("rate_limited", `Host ${name} is busy with too many calls at once. Try again in a moment.`, options);
    case "unsupported":
      return new AppError("unsupported", `The agent of host ${name} does not know this call. Update its agent.`, options);
    default:
      return new AppError(
        "internal",
        `Host ${name} could not be asked: an error came back that is not signed by it. The log of web says what it was; its agent may be of another version.`,
        options,
      );
  }
}
