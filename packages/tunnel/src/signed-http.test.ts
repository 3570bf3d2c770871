import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { AppError } from "@indium/contract/errors";
import { afterEach, describe, expect, it } from "vitest";
import { generateSigningKeyPair, keyId } from "./keys";
import type { Schema } from "./schema";
import { createSignedHandler, signedCall } from "./signed-http";
import { SIGNED_HEADERS, signRequest } from "./signed-message";

const relay = generateSigningKeyPair();
const centre = generateSigningKeyPair();
const stranger = generateSigningKeyPair();
const text: Schema<{ text: string }> = {
  safeParse: (value) =>
    typeof value === "object" && value !== null && "text" in value && typeof value.text === "string"
      ? { success: true, data: { text: value.text } }
      : { success: false, error: { issues: [{ path: ["text"], message: "must be text" }] } },
};
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(calls: string[] = [], clock = Date.now): Promise<string> {
  const server = createServer(
    createSignedHandler({
      api: { echo: { input: text, output: text }, fail: { input: text, output: text } },
      handlers: {
        echo: async (input, caller) => {
          calls.push(input.text);
          return { text: `${input.text} from ${caller.keyId}` };
        },
        fail: async () => {
          throw new AppError("conflict", "Taken by another.");
        },
      },
      prefix: "/internal/",
      privateKey: centre.privateKey,
      trustedKey: (id) => (id === keyId(relay.publicKey) ? relay.publicKey : null),
      maxBodyBytes: 10_000,
      now: clock,
    }),
  );
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/internal`;
}

const options = {
  privateKey: relay.privateKey,
  peerPublicKey: centre.publicKey,
  outputSchema: text,
  timeoutMs: 5_000,
  peerName: "The centre",
};
const codeOf = (promise: Promise<unknown>) => promise.then(() => "succeeded").catch((thrown: AppError) => thrown.code);

describe("signed http", () => {
  it("carries a call and its answer", async () => {
    const url = await serve();
    expect(await signedCall(url, "echo", { text: "hello" }, options)).toEqual({ text: `hello from ${keyId(relay.publicKey)}` });
  });

  it("carries the other side's typed refusals", async () => {
    const url = await serve();
    expect(await codeOf(signedCall(url, "fail", { text: "x" }, options))).toBe("conflict");
    expect(await codeOf(signedCall(url, "echo", { wrong: 1 }, options))).toBe("bad_request");
  });

  it("does nothing for an untrusted key, an old request, or one meant for another", async () => {
    const calls: string[] = [];
    const url = await serve(calls);
    expect(await codeOf(signedCall(url, "echo", { text: "x" }, { ...options, privateKey: stranger.privateKey }))).toBe("signature_invalid");
    expect(await codeOf(signedCall(url, "echo", { text: "x" }, { ...options, now: () => Date.now() - 61_000 }))).toBe("signature_invalid");
    expect(await codeOf(signedCall(url, "echo", { text: "x" }, { ...options, peerPublicKey: stranger.publicKey }))).toBe(
      "signature_invalid",
    );
    expect(calls).toEqual([]);
  });

  it("answers a replayed request only once, and a changed body never", async () => {
    const calls: string[] = [];
    const url = await serve(calls);
    const body = Buffer.from('{"text":"once"}');
    const parts = {
      method: "POST",
      path: "/internal/echo",
      timestamp: String(Date.now()),
      nonce: "bm9uY2U=",
      audience: keyId(centre.publicKey),
      body,
    };
    const headers = {
      [SIGNED_HEADERS.timestamp]: parts.timestamp,
      [SIGNED_HEADERS.nonce]: parts.nonce,
      [SIGNED_HEADERS.audience]: parts.audience,
      [SIGNED_HEADERS.keyId]: keyId(relay.publicKey),
      [SIGNED_HEADERS.signature]: signRequest(parts, relay.privateKey),
    };
    const post = (content: Buffer) =>
      fetch(`${url}/echo`, { method: "POST", headers, body: new Uint8Array(content) }).then((response) => response.status);
    expect(await post(Buffer.from('{"text":"twice"}'))).toBe(401);
    expect(await post(body)).toBe(200);
    expect(await post(body)).toBe(401);
    expect(calls).toEqual(["once"]);
  });

  it("bounds the body and refuses what is not signed, without falling over", async () => {
    const url = await serve();
    expect(await codeOf(signedCall(url, "echo", { text: "x".repeat(20_000) }, options))).toMatch(/signature_invalid|host_timeout/);
    expect((await fetch(`${url}/echo`, { method: "POST", body: "{}" })).status).toBe(401);
    expect((await fetch(`${url}/echo`)).status).toBe(405);
    expect((await fetch(`${url}/constructor`, { method: "POST" })).status).toBe(404);
    expect(await codeOf(signedCall(url, "echo", { text: "still here" }, options))).toBe("succeeded");
  });

  it("tells nothing sent from no answer", async () => {
    expect(await codeOf(signedCall("http://127.0.0.1:1", "echo", {}, options))).toBe("host_unreachable");
    const mute = createServer(() => {});
    servers.push(mute);
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    expect(await codeOf(signedCall(url, "echo", {}, { ...options, timeoutMs: 100 }))).toBe("host_timeout");
  });

  it("never says that nothing was sent of what a dying process took over a connection it had kept", async () => {
    const url = await serve();
    expect(await codeOf(signedCall(url, "echo", { text: "first" }, options))).toBe("succeeded");
    const dying = servers.at(-1);
    // Takes the second request whole, and is gone.
    dying?.removeAllListeners("request").on("request", (request) => {
      dying.close();
      request.resume().on("end", () => request.socket.resetAndDestroy());
    });
    expect(await codeOf(signedCall(url, "echo", { text: "second" }, options))).toBe("host_timeout");
    expect(await codeOf(signedCall(url, "echo", { text: "third" }, options))).toBe("host_unreachable");
  });

  it("waits no longer for a connection than it is told to", async () => {
    // Its queue of two is full and nobody accepts: what comes then is dropped, as by a machine that is off.
    const script = `require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
      process.stdout.write(String(this.address().port), () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)); })`;
    const deaf = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const sockets = [];
    try {
      const [port] = (await once(deaf.stdout, "data")) as [Buffer];
      for (let count = 0; count < 4; count++) sockets.push(connect(Number(port.toString()), "127.0.0.1").on("error", () => {}));
      await Promise.all(sockets.slice(0, 2).map((socket) => once(socket, "connect")));
      const began = performance.now();
      const url = `http://127.0.0.1:${port.toString()}`;
      expect(await codeOf(signedCall(url, "echo", {}, { ...options, timeoutMs: 60_000, connectTimeoutMs: 200 }))).toBe("host_unreachable");
      expect(performance.now() - began).toBeLessThan(20_000);
    } finally {
      for (const socket of sockets) socket.destroy();
      deaf.kill("SIGKILL");
    }
  });

  it("is not fooled by an answer signed by another", async () => {
    const server = createServer((_req, res) => res.end('{"ok":true,"result":{"text":"forged"}}'));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    expect(await codeOf(signedCall(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, "echo", {}, options))).toBe(
      "signature_invalid",
    );
  });
});
