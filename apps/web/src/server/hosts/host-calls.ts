import type { AgentRouter } from "@indium/agent/router-type";
import { agentApi } from "@indium/contract/agent-api";
import type { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import { HostId, type InstanceId } from "@indium/contract/ids";
import { relayApi } from "@indium/contract/internal-api";
import { type HostTransport, hostLink } from "@indium/tunnel/host-link";
import { appErrorOf } from "@indium/tunnel/rpc-error";
import { signedCall } from "@indium/tunnel/signed-http";
import { createTRPCClient, type TRPCClient } from "@trpc/client";
import type { z } from "zod";
import type { Db } from "../db";
import { type Signer, signCommand } from "../services/signing";

/**
 * The only caller of agents. A call goes to the relay that holds the host's link, with the link's epoch, so that a relay that lost
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
  callHost(context, hostId, (client) => client.document.apply.mutate({ document }), agentApi.documentApply.output, DOCUMENT_TIMEOUT_MS);

export const documentStatus = (context: HostCallContext, hostId: string) =>
  callHost(context, hostId, (client) => client.document.status.query(), agentApi.documentStatus.output);

export async function serialTail(context: HostCallContext, hostId: string, input: { instanceId: InstanceId; bytes: number }) {
  const command = await commandFor(context, hostId, "instance.serialTail", input);
  return callHost(context, hostId, (client) => client.instance.serialTail.query({ command }), agentApi.instanceSerialTail.output);
}

export async function lastScreen(context: HostCallContext, hostId: string, input: { instanceId: InstanceId }) {
  const command = await commandFor(context, hostId, "instance.lastScreen", input);
  return callHost(context, hostId, (client) => client.instance.lastScreen.query({ command }), agentApi.instanceLastScreen.output);
}

async function commandFor(context: HostCallContext, hostId: string, procedure: string, input: object): Promise<SignedEnvelope> {
  const { centreEpoch } = await context.db.installation.findUniqueOrThrow({ where: { id: 1 }, select: { centreEpoch: true } });
  return signCommand(context.signer, { hostId: HostId.parse(hostId), centreEpoch, operationId: null, procedure, input }, Date.now());
}

export const nicCounters = (context: HostCallContext, hostId: string, input: { instanceId: InstanceId }) =>
  callHost(context, hostId, (client) => client.instance.nicCounters.query(input), agentApi.instanceNicCounters.output);

/** @throws AppError `host_unreachable` (nothing was sent), `host_timeout` (it may have been carried out), or what the agent answered. */
async function callHost<S extends z.ZodType>(
  context: HostCallContext,
  hostId: string,
  call: (client: TRPCClient<AgentRouter>) => Promise<unknown>,
  output: S,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<z.output<S>> {
  const host = await context.db.host.findUnique({
    where: { id: hostId },
    select: { name: true, relayUrl: true, relayName: true, linkEpoch: true },
  });
  if (host === null) throw new AppError("not_found", "This host does not exist.");
  const relay = host.relayName === null ? null : await context.db.relay.findUnique({ where: { name: host.relayName } });
  if (host.relayUrl === null || relay === null) throw unreachable(host.name);
  const { relayUrl, linkEpoch } = host;
  const transport: HostTransport = ({ type, path, input }) =>
    signedCall(
      relayUrl,
      "call",
      { hostId: HostId.parse(hostId), linkEpoch, type, path, input, timeoutMs },
      {
        privateKey: context.signer.keyPair.privateKey,
        peerPublicKey: relay.publicKey,
        outputSchema: relayApi.call.output,
        // The relay itself gives up first, and says what it knows.
        timeoutMs: timeoutMs + 2_000,
        peerName: `relay ${relay.name}`,
      },
    );
  try {
    const reply = await call(createTRPCClient<AgentRouter>({ links: [hostLink<AgentRouter>(transport)] }));
    const parsed = output.safeParse(reply);
    if (!parsed.success)
      throw new AppError(
        "protocol_unsupported",
        `Host ${host.name} gave an answer that this Indium does not understand. Update its agent.`,
        {
          internal: parsed.error.message.slice(0, 1_000),
        },
      );
    return parsed.data;
  } catch (thrown) {
    throw namingHost(appErrorOf(thrown), host.name);
  }
}

const unreachable = (name: string): AppError =>
  new AppError("host_unreachable", `Host ${name} cannot be reached now. Check that it is on and its agent runs.`);

function namingHost(error: AppError, name: string): AppError {
  const options = { ...(error.internal === undefined ? {} : { internal: error.internal }), cause: error };
  if (error.code === "host_unreachable") return new AppError("host_unreachable", unreachable(name).message, options);
  if (error.code === "host_timeout")
    return new AppError(
      "host_timeout",
      `Host ${name} did not answer in time; what was asked may have been done. Look again in a moment.`,
      options,
    );
  return error;
}
