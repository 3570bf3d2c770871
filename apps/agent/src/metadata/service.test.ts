import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import type { NicId } from "@indium/contract/ids";
import { afterEach, describe, expect, it, vi } from "vitest";
import { assignedNic, guestDocument, natNetwork } from "../network/testing/lab";
import { createMetadataService } from "./service";
import type { GuestDocument, GuestEvent } from "./types";

const network = natNetwork();
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface Nic {
  port: number;
  id: NicId;
  document: GuestDocument;
}

/** A service with one NIC per name, each on a loopback port of its own. */
async function serve(...names: string[]) {
  let clock = 1_000_000;
  const logged: string[] = [];
  const service = createMetadataService({ log: (_level, message) => logged.push(message), now: () => clock });
  const nics: Nic[] = [];
  for (const [index, name] of names.entries()) {
    const nic = assignedNic(network, 10 + index);
    const document = guestDocument([nic], [network], name, { userData: `data of ${name}` });
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    service.setDocument(document);
    service.attach(nic.id, document.instance.id, { http: [server], dhcp: null });
    nics.push({ port: (server.address() as AddressInfo).port, id: nic.id, document });
    cleanups.push(() => service.detach(nic.id));
  }
  const events: GuestEvent[] = [];
  service.onGuestEvent((_id, event) => events.push(event));
  return { service, nics, events, logged, advance: (ms: number) => (clock += ms) };
}

function ask(
  nic: Nic | undefined,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port: nic?.port ?? 0, path, method: options.method ?? "GET", headers: options.headers, agent: false },
      (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
      },
    );
    sent.on("error", reject);
    sent.end(options.body);
  });
}

/** Sends bytes as they are and gives what comes back until the end. */
async function raw(nic: Nic | undefined, bytes: string | Buffer): Promise<string> {
  const socket = connect(nic?.port ?? 0, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  socket.end(bytes);
  await once(socket, "close");
  return answer;
}

describe("the metadata service", () => {
  it("answers by the socket a request came in on, whatever the request says", async () => {
    const { nics } = await serve("alpha", "beta");
    const lie = { host: "beta", "x-forwarded-for": "10.231.7.11", "x-instance-id": nics[1]?.document.instance.id ?? "" };
    expect((await ask(nics[0], "/latest/user-data", { headers: lie })).body).toBe("data of alpha");
    expect((await ask(nics[1], "/latest/user-data")).body).toBe("data of beta");
  });

  it("asks for patience before there is a document, and refuses what it does not know", async () => {
    const { service, nics } = await serve("alpha");
    expect(await ask(nics[0], "/nothing")).toMatchObject({ status: 404, body: "" });
    expect(await ask(nics[0], "/", { method: "DELETE" })).toMatchObject({ status: 405 });
    expect(await ask(nics[0], "/openstack", { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
    service.removeDocument(nics[0]?.document.instance.id ?? "i-");
    expect(await ask(nics[0], "/openstack")).toMatchObject({ status: 503 });
  });

  it("tells of the first fetch of each boot once", async () => {
    const { service, nics, events } = await serve("alpha");
    await ask(nics[0], "/openstack");
    expect(events).toEqual([]);
    await ask(nics[0], "/openstack/latest/meta_data.json", { headers: { "user-agent": "Cloud-Init/22.4.2" } });
    await ask(nics[0], "/latest/meta-data/instance-id");
    expect(events).toEqual([{ kind: "metadataFetched", userAgent: "Cloud-Init/22.4.2" }]);
    service.beginBoot(nics[0]?.document.instance.id ?? "i-");
    await ask(nics[0], "/latest/meta-data/instance-id");
    expect(events).toHaveLength(2);
  });

  it("takes cloud-init's reports, and no others", async () => {
    const { nics, events } = await serve("alpha");
    const post = (body: string) =>
      ask(nics[0], "/indium/v1/report", { method: "POST", body, headers: { "content-type": "application/x-www-form-urlencoded" } });
    const report = {
      name: "modules-final/config-ssh",
      description: "running \u001b[31mssh",
      event_type: "finish",
      origin: "cloudinit",
      timestamp: 1_700_000_000.5,
      result: "SUCCESS",
    };
    expect((await post(JSON.stringify(report))).status).toBe(200);
    for (const bad of ["", "[]", "null", "{", '{"name":"x"}', '{"name":1,"event_type":"start"}', '{"name":"x","event_type":"middle"}']) {
      expect((await post(bad)).status).toBe(400);
    }
    // Refused before it is read to its end: the answer may be lost to the closing connection.
    expect((await post("x".repeat(70_000)).catch(() => ({ status: 413 }))).status).toBe(413);
    expect((await ask(nics[0], "/indium/v1/phone-home", { method: "POST", body: "instance_id=x" })).status).toBe(200);
    expect((await ask(nics[0], "/openstack", { method: "POST", body: "x" })).status).toBe(404);
    expect(events).toEqual([
      {
        kind: "stage",
        name: "modules-final/config-ssh",
        phase: "finish",
        result: "SUCCESS",
        description: "running [31mssh",
        timestamp: 1_700_000_000.5,
        detail: null,
      },
      { kind: "phoneHome" },
    ]);
  });

  it("issues EC2 session tokens, good for one NIC and for their time", async () => {
    const { nics, advance } = await serve("alpha", "beta");
    const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": "60" };
    const token = (await ask(nics[0], "/latest/api/token", { method: "PUT", headers: ttl })).body;
    const use = (nic: Nic | undefined, value: string) =>
      ask(nic, "/latest/meta-data/hostname", { headers: { "x-aws-ec2-metadata-token": value } }).then(({ status }) => status);
    expect(await use(nics[0], token)).toBe(200);
    expect(await use(nics[1], token)).toBe(401);
    expect(await use(nics[0], `${token.slice(0, -2)}AA`)).toBe(401);
    expect(await use(nics[0], "")).toBe(401);
    advance(61_000);
    expect(await use(nics[0], token)).toBe(401);
    for (const wrong of ["0", "21601", "x", "-1", "1.5"]) {
      const headers = { "x-aws-ec2-metadata-token-ttl-seconds": wrong };
      expect((await ask(nics[0], "/latest/api/token", { method: "PUT", headers })).status).toBe(400);
    }
    expect((await ask(nics[0], "/latest/api/token", { method: "PUT", headers: { ...ttl, "x-forwarded-for": "1.1.1.1" } })).status).toBe(
      403,
    );
  });

  it("answers EC2 with a session token only where tokens are required", async () => {
    const { service, nics, events } = await serve("alpha");
    const [nic] = nics;
    const instance = { ...nic!.document.instance, dialect: "ec2", metadataTokens: "required" } as const;
    service.setDocument({ ...nic!.document, instance });
    for (const path of ["/", "/latest", "/latest/meta-data/hostname", "/latest/user-data", "/2009-04-04/meta-data/instance-id"])
      expect(await ask(nic, path), path).toMatchObject({ status: 401, body: "" });
    expect(events).toEqual([]);
    const token = await ask(nic, "/latest/api/token", { method: "PUT", headers: { "x-aws-ec2-metadata-token-ttl-seconds": "60" } });
    const headers = { "x-aws-ec2-metadata-token": token.body };
    expect(await ask(nic, "/latest/meta-data/hostname", { headers })).toMatchObject({ status: 200, body: "alpha" });
    expect(await ask(nic, "/openstack/latest/meta_data.json", { headers })).toMatchObject({ status: 404 });
    // The guest reports what it does: that tells nothing, and cloud-init knows no token there.
    expect((await ask(nic, "/indium/v1/phone-home", { method: "POST", body: "x" })).status).toBe(200);
    service.setDocument({ ...nic!.document, instance: { ...instance, dialect: "digitalocean", metadataTokens: "optional" } });
    expect((await ask(nic, "/latest/api/token", { method: "PUT", headers: { "x-aws-ec2-metadata-token-ttl-seconds": "60" } })).status).toBe(
      404,
    );
  });

  it("survives garbage", async () => {
    const { nics, logged } = await serve("alpha");
    const garbage = [
      Buffer.alloc(10_000, 0xff),
      "GET\r\n\r\n",
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
      "GET /%00%ff/../../etc/passwd HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
      "POST /indium/v1/report HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nshort",
      "POST /indium/v1/report HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    ];
    for (const bytes of garbage) expect(await raw(nics[0], bytes)).not.toMatch(/^HTTP\/1\.1 5/);
    expect((await ask(nics[0], "/latest/meta-data/hostname")).body).toBe("alpha");
    expect(logged).toEqual([]);
  });

  it("limits requests and connections per NIC, not one NIC's for another", async () => {
    const { service, nics, advance } = await serve("alpha", "beta");
    const statuses: number[] = [];
    for (let round = 0; round < 410; round++) statuses.push((await ask(nics[0], "/openstack")).status);
    expect(statuses.slice(0, 400).every((status) => status === 200)).toBe(true);
    expect(statuses.slice(400)).toEqual(Array<number>(10).fill(429));
    expect((await ask(nics[1], "/openstack")).status).toBe(200);
    advance(1_000);
    expect((await ask(nics[0], "/openstack")).status).toBe(200);

    const open = Array.from({ length: 64 }, () => connect(nics[0]?.port ?? 0, "127.0.0.1"));
    await Promise.all(open.map((socket) => once(socket, "connect")));
    await expect(ask(nics[0], "/openstack")).rejects.toThrow();
    expect((await ask(nics[1], "/openstack")).status).toBe(200);
    for (const socket of open) socket.destroy();
    expect(service.refusals(nics[0]?.id ?? "nic-")).toEqual({ metadataRequests: 10, metadataConnections: 1 });
    expect(service.refusals(nics[1]?.id ?? "nic-")).toEqual({});
  });

  it("refuses and counts what is too long, and ends what is too slow", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    cleanups.push(() => Promise.resolve(void vi.useRealTimers()));
    const { service, nics } = await serve("alpha");
    expect(await raw(nics[0], `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(10_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431/);
    expect((await ask(nics[0], "/indium/v1/report", { method: "POST", body: "x".repeat(70_000) })).status).toBe(413);
    const loris = connect(nics[0]?.port ?? 0, "127.0.0.1");
    loris.on("error", () => {});
    loris.write("GET / HTTP/1.1\r\nhost: ");
    await vi.waitFor(() => ask(nics[0], "/openstack"));
    const closed = once(loris, "close");
    await vi.advanceTimersByTimeAsync(15_000);
    await closed;
    expect(service.refusals(nics[0]?.id ?? "nic-")).toEqual({ metadataOversized: 2, metadataSlow: 1 });
  });

  it("gives its sockets back when detached, cutting what is open", async () => {
    const { service, nics } = await serve("alpha");
    const idle = connect(nics[0]?.port ?? 0, "127.0.0.1");
    idle.on("error", () => {});
    await once(idle, "connect");
    await service.detach(nics[0]?.id ?? "nic-");
    const server = createServer().listen(nics[0]?.port, "127.0.0.1");
    await once(server, "listening");
    server.close();
  });
});
