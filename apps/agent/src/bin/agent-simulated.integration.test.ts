import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { agentApi } from "@indium/contract/agent-api";
import { EnrolRequest } from "@indium/contract/enrolment";
import type { SignedEnvelope } from "@indium/contract/envelope";
import type { HostId } from "@indium/contract/ids";
import { relayApi } from "@indium/contract/internal-api";
import { newId } from "@indium/contract/plain/ids";
import { type ReportBody, ReportItem } from "@indium/contract/report";
import { signEnvelope } from "@indium/tunnel/envelope";
import { hostLink } from "@indium/tunnel/host-link";
import { openHostReply } from "@indium/tunnel/host-reply";
import { signedCall } from "@indium/tunnel/signed-http";
import { createTRPCClient } from "@trpc/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFixture, type Fixture, openViewer, reportsIn, until } from "../../../relay/src/test-support/fixture";
import { desiredInstance, IMAGE, NETWORK } from "../reconciler/testing/test-host";
import type { AgentRouter } from "../router/router-type";
import { run, spawnChild } from "../system/exec";

/** The simulated hosts' own program, enrolled over HTTP and linked by a real relay; the centre behind it is the relay's fake one. */
let fixture: Fixture;
let directory: string;
let dashboard: Server;
let url: string;
const reports = new Map<HostId, ReportBody[]>();
const hosts: HostId[] = [];
const TOKENS = ["1", "2"].map((digit) => `indium-enrol-${digit.repeat(64)}`);

beforeEach(async () => {
  fixture = await createFixture();
  await until("the relay registers", () => fixture.logged.some((line) => line.startsWith("registered")));
  directory = await mkdtemp(join(tmpdir(), "indium-simulated-bin-"));
  reports.clear();
  hosts.length = 0;
  fixture.centre.handlers.ingestReports = async ({ hostId, reports: batch }) => {
    const items = reportsIn(batch).items.map((item) => ReportItem.parse(item));
    reports.set(hostId, [...(reports.get(hostId) ?? []), ...items.map((item) => item.body)]);
    return { ack: fixture.centre.ackOf(batch) };
  };
  const tokens = new Set(TOKENS);
  dashboard = createServer((request, response) => {
    // `doctor` compares clocks.
    if (request.method === "HEAD") return void response.end();
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const asked = EnrolRequest.parse(JSON.parse(body));
      if (!tokens.delete(asked.token)) {
        response.writeHead(401).end(JSON.stringify({ error: { code: "token_used", message: "This token was used already." } }));
        return;
      }
      const hostId = newId("host");
      hosts.push(hostId);
      fixture.centre.hosts.set(asked.publicKey, hostId);
      response.end(JSON.stringify({ hostId, centrePublicKey: fixture.centreKeys.publicKey, relayUrls: [fixture.url] }));
    });
  });
  await new Promise<void>((resolve) => dashboard.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(dashboard.address() as AddressInfo).port}`;
});

afterEach(async () => {
  dashboard.close();
  await fixture.close();
  await rm(directory, { recursive: true, force: true });
});

function startHosts(tokens: readonly string[]) {
  const program = fileURLToPath(new URL("./agent-simulated.ts", import.meta.url));
  const child = spawnChild(process.execPath, ["--import", "tsx", program, "run", "--count", "2", "--url", url], {
    env: { ...process.env, INDIUM_AGENT_STATE_DIR: directory, INDIUM_ENROL_TOKENS: tokens.join(",") },
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  return { child, ended, said: () => said };
}

/** As web calls a host. The epoch is the one the fake centre gave this host's key last. */
function clientOf(hostId: HostId) {
  const inputsOf = (name: string) =>
    fixture.centre.calls.filter((one) => one.name === name).map((one) => one.input as Record<string, string>);
  const linkEpoch = inputsOf("connectHost").findLastIndex((input) => fixture.centre.hosts.get(input.publicKey ?? "") === hostId) + 1;
  return createTRPCClient<AgentRouter>({
    links: [
      hostLink<AgentRouter>(({ type, path, input }) =>
        signedCall(
          `http://127.0.0.1:${fixture.relay.rpcPort}`,
          "call",
          { hostId, linkEpoch, type, path, input, timeoutMs: 10_000 },
          {
            privateKey: fixture.centreKeys.privateKey,
            peerPublicKey: inputsOf("registerRelay").at(-1)?.publicKey ?? "",
            outputSchema: relayApi.call.output,
            timeoutMs: 12_000,
            peerName: "The relay",
          },
        ),
      ),
    ],
  });
}

/** What the host answered to the question, by its own signature. */
function answerOf(hostId: HostId, reply: unknown, question: SignedEnvelope): unknown {
  const publicKey = [...fixture.centre.hosts].find(([, id]) => id === hostId)?.[0] ?? "";
  const answer = openHostReply(reply, question, { hostId, publicKey });
  return answer.ok ? answer.result : answer.error;
}

const observed = (hostId: HostId) => (reports.get(hostId) ?? []).filter((body) => body.kind === "instance.observed").at(-1)?.state;

describe("simulated hosts", () => {
  it("enrol, link, run an instance with its timeline and its console, and adopt it after a kill", async () => {
    const first = startHosts(TOKENS);
    let second: ReturnType<typeof startHosts> | null = null;
    try {
      await until(
        "facts of both hosts",
        () => [...reports.values()].filter((list) => list.some((body) => body.kind === "host.facts")).length === 2,
        30_000,
      );
      const hostId = hosts[0]!;
      const instance = desiredInstance();
      const document = signEnvelope(
        "desired-document",
        {
          formatVersion: 1,
          hostId,
          centreEpoch: 1,
          generation: 1,
          issuedAt: Date.now(),
          networks: [NETWORK],
          images: [IMAGE],
          instances: [instance],
        },
        fixture.centreKeys.privateKey,
      );
      const applied = await clientOf(hostId).document.apply.mutate({ document });
      expect(agentApi.documentApply.output.parse(answerOf(hostId, applied, document))).toEqual({
        accepted: true,
        generation: 1,
      });
      await until("running", () => observed(hostId) === "running", 15_000);
      const sshAnswers = (): boolean =>
        (reports.get(hostId) ?? []).some((body) => body.kind === "instance.step" && body.step === "ssh" && body.state === "succeeded");
      await until("SSH in the timeline", sshAnswers, 15_000);

      const program = fileURLToPath(new URL("./agent.ts", import.meta.url));
      const { stdout } = await run(process.execPath, [
        ...["--import", "tsx", program, "doctor", "--state-dir", join(directory, "simulated-1")],
      ]);
      expect(stdout).toMatch(/from the running agent/);
      expect(stdout).toMatch(/Link +ready: relay test/);
      expect(stdout).toContain(instance.name);

      const now = Date.now();
      const ticket = signEnvelope(
        "console-ticket",
        {
          id: newId("ticket"),
          instanceId: instance.id,
          hostId,
          userId: newId("user"),
          relayName: "test",
          kind: "vnc",
          mode: "control",
          issuedAt: now,
          expiresAt: now + 30_000,
        },
        fixture.centreKeys.privateKey,
      );
      const viewer = openViewer(fixture.url, Buffer.from(JSON.stringify(ticket)).toString("base64url"));
      await until("the RFB greeting", () => viewer.received().toString() === "RFB 003.008\n");
      viewer.socket.close();

      first.child.kill("SIGKILL");
      await first.ended;
      reports.clear();
      // No tokens: both are enrolled.
      second = startHosts([]);
      await until("running again", () => observed(hostId) === "running", 30_000);
      const command = signEnvelope(
        "command",
        {
          hostId,
          centreEpoch: 1,
          commandId: "1".repeat(32),
          operationId: null,
          procedure: "document.status",
          input: "{}",
          expiresAt: Date.now() + 60_000,
        },
        fixture.centreKeys.privateKey,
      );
      const asked = await clientOf(hostId).document.status.query({ command });
      const status = agentApi.documentStatus.output.parse(answerOf(hostId, asked, command));
      expect(status.instances).toEqual([{ instanceId: instance.id, generation: 1, appliedGeneration: 1, state: "running" }]);
      expect((reports.get(hostId) ?? []).some((body) => body.kind === "instance.step" && body.step === "start")).toBe(false);
      second.child.kill("SIGTERM");
      expect(await second.ended).toBe(0);
      expect(second.said()).not.toContain(" error ");
    } finally {
      first.child.kill("SIGKILL");
      second?.child.kill("SIGKILL");
    }
  });

  it("say in a sentence that a token was used", async () => {
    const hostsRun = startHosts([TOKENS[0]!, TOKENS[0]!]);
    expect(await hostsRun.ended).toBe(1);
    expect(hostsRun.said()).toContain("This token was used already.");
  });

  it("refuse a second program over the same state", async () => {
    const first = startHosts(TOKENS);
    try {
      await until("both enrolled", () => hosts.length === 2, 30_000);
      const second = startHosts([]);
      expect(await second.ended).toBe(1);
      expect(second.said()).toContain("Another agent");
    } finally {
      first.child.kill("SIGTERM");
      await first.ended;
    }
  });
});
