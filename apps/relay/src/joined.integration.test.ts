import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import { newId } from "@indium/contract/plain/ids";
import { JOIN_HEADER } from "@indium/tunnel/join/wire";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import WebSocket from "ws";
import { pinOf, prepareTls } from "../../web/src/front/certificate";
import { readFrontEnv } from "../../web/src/front/env";
import { createFixture, type Fixture, isReady, openViewer, type TestAgent, until } from "./test-support/fixture";

/** Consoles whose two ends come by one front: the front as it is shipped, a process of its own, before a real relay and agent. */
const root = fileURLToPath(new URL("../../..", import.meta.url));
let directory: string;
let program: string;
let pin: string;
const tlsEnv: Record<string, string> = {};
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), `indium-joined-${process.pid}-`));
  program = join(directory, "front.mjs");
  await build({
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    logLevel: "error",
    absWorkingDir: root,
    entryPoints: ["apps/web/src/front.ts"],
    outfile: program,
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    tsconfig: join(root, "tsconfig.base.json"),
  });
  const tls = await prepareTls(readFrontEnv({ INDIUM_KEYS_DIR: join(directory, "keys"), INDIUM_BIND: "0.0.0.0" }));
  if (tls === null) throw new Error("no certificate");
  pin = pinOf(tls.cert);
  for (const [name, text] of [
    ["INDIUM_TLS_CERT", tls.cert],
    ["INDIUM_TLS_KEY", tls.key],
  ] as const) {
    tlsEnv[name] = join(directory, name);
    await writeFile(tlsEnv[name], text);
  }
});
afterAll(() => rm(directory, { recursive: true, force: true }));

let fixture: Fixture;
const fronts: ChildProcess[] = [];
beforeEach(async () => {
  fixture = await createFixture();
  await until("the relay registers", () => fixture.logged.some((line) => line.startsWith("registered")));
});
afterEach(async () => {
  for (const front of fronts.splice(0)) front.kill("SIGKILL");
  await fixture.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startFront(tls = false): Promise<{ origin: string; process: ChildProcess }> {
  const port = await freePort();
  const env = {
    INDIUM_PORT: String(port),
    INDIUM_RELAY_PORT: String(fixture.relay.port),
    INDIUM_WEB_PORT: "1",
    INDIUM_STATE_DIR: directory,
  };
  const child = spawn(process.execPath, [program], { stdio: "ignore", env: { ...process.env, ...env, ...(tls ? tlsEnv : {}) } });
  fronts.push(child);
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
  const deadline = Date.now() + 30_000;
  while (!(await answers())) {
    if (Date.now() > deadline) throw new Error("the front did not start");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { origin: `${tls ? "https" : "http"}://127.0.0.1:${port}`, process: child };
}

async function linked(origin: string, tls = false): Promise<TestAgent> {
  const agent = await fixture.addAgent({ origin, ...(tls ? { tlsPin: pin } : {}) });
  await until("the link is ready", () => isReady(agent));
  return agent;
}

async function opened(origin: string, ticket: string): Promise<ReturnType<typeof openViewer>> {
  const viewer = openViewer(origin, ticket);
  await new Promise((resolve, reject) => viewer.socket.once("open", resolve).once("close", reject));
  return viewer;
}

const ends = () =>
  fixture.centre.calls
    .filter((call) => call.name === "consoleEvent")
    .map((call) => call.input as { event: string; bytesOut: number })
    .filter(({ event }) => event === "closed");
const noise = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, (_, index) => (index * 31 + (index >> 8)) % 251));

describe.each([
  ["plain", false],
  ["TLS", true],
])("a console through one front, %s", (_name, tls) => {
  it("is joined there: every byte both ways, and the relay knows of it and what passed", async () => {
    const { origin } = await startFront(tls);
    const agent = await linked(origin, tls);
    const viewer = await opened(origin, fixture.ticket(agent));
    expect(fixture.relay.metrics()).toMatchObject({ streams: 1, joined: 1 });
    const sent = noise(3_000_000);
    viewer.socket.send(sent);
    await until("the echo is complete", () => viewer.received().length === sent.length);
    expect(viewer.received().equals(sent)).toBe(true);
    viewer.socket.close();
    await until("its end is audited", () => ends().length === 1);
    expect(ends()[0]?.bytesOut).toBeGreaterThan(sent.length);
    expect(ends()[0]?.bytesOut).toBeLessThan(sent.length * 1.01);
    expect(fixture.relay.metrics()).toMatchObject({ streams: 0, joined: 0 });
  });

  it("loses no tail", async () => {
    const { origin } = await startFront(tls);
    const agent = await linked(origin, tls);
    const last = noise(5_000_000);
    fixture.onVm = (socket) => socket.end(last);
    const viewer = openViewer(origin, fixture.ticket(agent));
    expect((await viewer.closed).code).toBe(CONSOLE_CLOSE.vmEnded);
    expect(viewer.received().equals(last)).toBe(true);
  });
});

describe("a joined console ends", () => {
  let origin: string;
  let front: ChildProcess;
  let agent: TestAgent;
  const vm: Socket[] = [];
  beforeEach(async () => {
    ({ origin, process: front } = await startFront());
    agent = await linked(origin);
    vm.length = 0;
    fixture.onVm = (socket) => {
      vm.push(socket);
      socket.pipe(socket);
    };
  });
  const joined = async (change: Parameters<Fixture["ticket"]>[1] = {}) => {
    const viewer = await opened(origin, fixture.ticket(agent, change));
    expect(fixture.relay.streams.joined).toBe(1);
    return viewer;
  };
  const vmSeesTheEnd = () => until("the VM sees the end", () => vm.every((socket) => socket.destroyed || socket.readableEnded), 20_000);

  it("at the centre's word, with the reason", async () => {
    const userId = newId("user");
    const viewer = await joined({ userId });
    const reason = "Your access was taken back.";
    expect(fixture.relay.streams.end({ userId, reason })).toBe(1);
    expect(await viewer.closed).toEqual({ code: CONSOLE_CLOSE.endedByAdministrator, reason });
    await until("nothing is left", () => fixture.relay.streams.size === 0);
    await vmSeesTheEnd();
  });

  it("at the centre's word also where the host does not heed it", async () => {
    const userId = newId("user");
    const viewer = await joined({ userId });
    const session = fixture.relay.sessions.registry.get(agent.hostId)!;
    const emit = session.socket.emit.bind(session.socket) as (event: string, ...rest: unknown[]) => boolean;
    const silent = vi.spyOn(session.socket, "emit");
    silent.mockImplementation(((event: string, ...rest: unknown[]) => event === "stream:close" || emit(event, ...rest)) as never);
    fixture.relay.streams.end({ userId, reason: "Over." });
    expect((await viewer.closed).code).toBe(1006);
    await vmSeesTheEnd();
    silent.mockRestore();
  });

  it("with its host's membership", async () => {
    const viewer = await joined();
    fixture.relay.streams.endHost(agent.hostId);
    expect((await viewer.closed).code).toBe(1006);
    await until("nothing is left", () => fixture.relay.streams.size === 0);
    await vmSeesTheEnd();
  });

  it("with the relay", async () => {
    const viewer = await joined();
    await fixture.restartRelay();
    expect((await viewer.closed).code).toBe(1006);
    await vmSeesTheEnd();
  });

  it("with the front, and the relay knows what it was told until then", async () => {
    const viewer = await joined();
    const sent = noise(1_000_000);
    viewer.socket.send(sent);
    await until("the echo is complete", () => viewer.received().length === sent.length);
    // Longer than from one count to the next.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    front.kill("SIGKILL");
    expect((await viewer.closed).code).toBe(1006);
    await until("its end is audited", () => ends().length === 1);
    expect(ends()[0]?.bytesOut).toBeGreaterThanOrEqual(sent.length);
    await vmSeesTheEnd();
  });

  it("with its viewer, and with its host", async () => {
    const viewer = await joined();
    viewer.socket.terminate();
    await until("nothing is left", () => fixture.relay.streams.size === 0);
    await vmSeesTheEnd();
    const other = await joined();
    await until("the VM sees it", () => vm.length === 2);
    vm[1]!.destroy();
    expect((await other.closed).code).toBe(CONSOLE_CLOSE.vmEnded);
    await until("nothing is left", () => fixture.relay.streams.size === 0);
  });
});

describe("a console is the relay's to carry", () => {
  const echoes = async (viewer: ReturnType<typeof openViewer>) => {
    const sent = noise(700_000);
    viewer.socket.send(sent);
    await until("the echo is complete", () => viewer.received().length === sent.length);
    expect(viewer.received().equals(sent)).toBe(true);
    viewer.socket.close();
    await viewer.closed;
  };

  it("where its ends come by two fronts, and where one comes by none", async () => {
    const [one, other] = [await startFront(), await startFront()];
    const agent = await linked(one.origin);
    for (const origin of [other.origin, fixture.url]) {
      const viewer = await opened(origin, fixture.ticket(agent));
      expect(fixture.relay.metrics()).toMatchObject({ streams: 1, joined: 0 });
      await echoes(viewer);
    }
  });

  it("where a viewer only says that it comes by a front", async () => {
    const { origin } = await startFront();
    const agent = await linked(origin);
    const address = `${fixture.url.replace("http", "ws")}/relay/console?ticket=${fixture.ticket(agent)}`;
    const socket = new WebSocket(address, ["binary"], { headers: { [JOIN_HEADER]: `${"a".repeat(32)}.${"b".repeat(32)}` } });
    await once(socket, "open");
    expect(fixture.relay.metrics()).toMatchObject({ streams: 1, joined: 0 });
    socket.close();
    await once(socket, "close");
  });
});

it("a joined console holds little for a viewer that stops reading, and all of it arrives when it reads on", async () => {
  const { origin, process: front } = await startFront();
  const agent = await linked(origin);
  const total = 256 * 1024 * 1024;
  const resident = async () => Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${front.pid}/status`, "utf8"))?.[1]) * 1024;
  let written = 0;
  fixture.onVm = (socket) => {
    const chunk = Buffer.alloc(65_536, 1);
    const more = () => {
      while (written < total) {
        written += chunk.length;
        if (!socket.write(chunk)) return;
      }
      socket.end();
    };
    socket.on("drain", more);
    more();
  };
  const viewer = openViewer(origin, fixture.ticket(agent));
  viewer.socket.removeAllListeners("message");
  let read = 0;
  viewer.socket.on("message", (data: Buffer) => {
    read += data.length;
  });
  await once(viewer.socket, "open");
  expect(fixture.relay.streams.joined).toBe(1);
  viewer.socket.pause();
  const idle = await resident();
  let before = -1;
  while (before !== written) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  // The kernel's buffers of three connections, most of it.
  expect(written - read).toBeLessThan(64 * 1024 * 1024);
  expect((await resident()) - idle).toBeLessThan(32 * 1024 * 1024);
  viewer.socket.resume();
  expect((await viewer.closed).code).toBe(CONSOLE_CLOSE.vmEnded);
  expect(read).toBe(total);
});
