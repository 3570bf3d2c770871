import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { EnrolResponse } from "@indium/contract/enrolment";
import { generateSigningKeyPair } from "@indium/tunnel/keys";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEnrolment } from "../services/enrolments";
import { signedImagePath, storeBlob } from "../services/image-blobs";
import { type Signer, signerOf } from "../services/signing";
import { FakeHost } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";

// The routes read their configuration from the environment, once: it is set before they are loaded.
let database: TestDatabase;
let dir: string;
let signer: Signer;
beforeAll(async () => {
  database = await startTestDatabase();
  dir = await mkdtemp(join(tmpdir(), `indium-routes-${process.pid}-`));
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    INDIUM_STATE_DIR: dir,
    INDIUM_KEYS_DIR: join(dir, "keys"),
    INDIUM_BLOBS_DIR: join(dir, "blobs"),
    INDIUM_DIST_DIR: join(dir, "dist"),
    INDIUM_PUBLIC_URL: "http://localhost:7780",
  });
  ({ signer } = await (await import("../services/centre")).centre());
});
afterAll(async () => {
  await (await import("../db")).db().$disconnect();
  await database?.stop();
  await rm(dir, { recursive: true, force: true });
});

describe("POST /api/enrol", () => {
  const post = async (body: string) => {
    const { POST } = await import("../../app/api/enrol/route");
    const response = await POST(new Request("http://localhost/api/enrol", { method: "POST", body }));
    return { status: response.status, body: (await response.json()) as { error?: { code: string } } };
  };

  it("enrols a host once, pinning the centre's key", async () => {
    const { token } = await createEnrolment(
      database.db,
      { organizationId: null, siteId: null, local: true, createdById: null },
      Date.now(),
    );
    const host = new FakeHost(signer.publicKey);
    const request = JSON.stringify(host.enrolRequest(token, { driver: "simulated", acceleration: "simulated" }));
    const first = await post(request);
    expect(EnrolResponse.parse(first.body)).toMatchObject({ centrePublicKey: signer.publicKey, relayUrls: ["http://localhost:7780"] });
    expect(await database.db.host.findFirst()).toMatchObject({ local: true, simulated: true, organizationId: null });
    expect(await post(request)).toMatchObject({ status: 401, body: { error: { code: "token_used" } } });
  });

  it("says what is wrong, without a stack", async () => {
    const request = new FakeHost(signer.publicKey).enrolRequest(`indium-enrol-${"0".repeat(64)}`);
    expect(await post(JSON.stringify(request))).toMatchObject({ status: 401, body: { error: { code: "token_invalid" } } });
    expect(await post(JSON.stringify({ ...request, token: "paste" }))).toMatchObject({
      status: 401,
      body: { error: { code: "token_invalid" } },
    });
    expect(await post(JSON.stringify({ ...request, facts: {} }))).toMatchObject({ status: 400, body: { error: { code: "bad_request" } } });
    for (const body of ["", "{", "x".repeat(600_000)]) expect((await post(body)).body.error?.code).toBe("bad_request");
    expect(JSON.stringify((await post("{")).body)).not.toContain("at ");
  });
});

describe("a body without end", () => {
  /** Chunked, so that no length announces it; `taken` says how much was read of it. */
  const endless = () => {
    const taken = { bytes: 0 };
    const chunk = new Uint8Array(65_536).fill(0x20);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        taken.bytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
    return { taken, init: { method: "POST", body, duplex: "half", headers: { "content-type": "application/json" } } as RequestInit };
  };

  it("is cut off by every route that takes one", async () => {
    const trpc = await import("../../app/api/trpc/[trpc]/route");
    const auth = await import("../../app/api/auth/[...nextauth]/route");
    const enrol = await import("../../app/api/enrol/route");
    const routes: ((init: RequestInit) => Promise<Response>)[] = [
      (init) => trpc.POST(new Request("http://localhost/api/trpc/setup.complete", init)),
      (init) =>
        auth.POST(new Request("http://localhost/api/auth/callback/credentials", init), {
          params: Promise.resolve({ nextauth: ["callback", "credentials"] }),
        }),
      (init) => enrol.POST(new Request("http://localhost/api/enrol", init)),
    ];
    for (const route of routes) {
      const { taken, init } = endless();
      expect([400, 413]).toContain((await route(init)).status);
      expect(taken.bytes).toBeLessThan(2_000_000);
    }
  });

  it("that is packed is never unpacked", async () => {
    const body = gzipSync(Buffer.alloc(50_000_000, " "));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const { POST: enrol } = await import("../../app/api/enrol/route");
    const { POST: trpc } = await import("../../app/api/trpc/[trpc]/route");
    const before = process.memoryUsage().rss;
    expect((await enrol(new Request("http://localhost/api/enrol", { method: "POST", body, headers }))).status).toBe(400);
    expect((await trpc(new Request("http://localhost/api/trpc/setup.check", { method: "POST", body, headers }))).status).toBe(400);
    expect(process.memoryUsage().rss - before).toBeLessThan(40_000_000);
  });

  it("does not stand in the way of one that fits", async () => {
    const { POST } = await import("../../app/api/trpc/[trpc]/route");
    const body = JSON.stringify({ json: { token: "x".repeat(43) } });
    const headers = { "content-type": "application/json" };
    const response = await POST(new Request("http://localhost/api/trpc/setup.check", { method: "POST", body, headers }));
    expect(await response.json()).toMatchObject({
      error: { json: { data: { app: { code: expect.stringMatching(/^(token|not_found)/) } } } },
    });
  });
});

describe("GET /api/images", () => {
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const { GET } = await import("../../app/api/images/[sha256]/route");
    const url = new URL(path, "http://localhost");
    return GET(new Request(url, { headers }), { params: Promise.resolve({ sha256: url.pathname.split("/").at(-1) ?? "" }) });
  };

  it("gives a host the image its document names, and resumes", async () => {
    const source = join(dir, "image.raw");
    await writeFile(source, "0123456789");
    const { sha256, sizeBytes } = await storeBlob(join(dir, "blobs"), source);
    expect([sha256, sizeBytes]).toEqual([createHash("sha256").update("0123456789").digest("hex"), 10]);
    const path = signedImagePath(signer, sha256, "h-0123456789abcdef0", Date.now());
    expect(await (await get(path)).text()).toBe("0123456789");
    expect(await (await get(path, { range: "bytes=4-" })).text()).toBe("456789");

    expect((await get(path.replace("h-0123456789abcdef0", "h-0123456789abcdef1"))).status).toBe(401);
    expect((await get(path.replace(sha256, "a".repeat(64)))).status).toBe(401);
    expect((await get(`/api/images/${sha256}`)).status).toBe(401);
    expect((await get(signedImagePath(signer, sha256, "h-1", Date.now() - 3 * 86_400_000))).status).toBe(401);
    expect((await get(signedImagePath(signerOf(generateSigningKeyPair()), sha256, "h-1", Date.now()))).status).toBe(401);
    expect((await get("/api/images/..%2fkeys%2fcentre.key")).status).toBe(404);
  });
});

describe("what hosts install", () => {
  it("is not there before it is built, and then nothing but the named archive is", async () => {
    const { GET: install } = await import("../../app/install.sh/route");
    const { GET } = await import("../../app/download/[file]/route");
    const download = (file: string) => GET(new Request(`http://localhost/download/${file}`), { params: Promise.resolve({ file }) });
    expect([(await install()).status, (await download("agent.json")).status]).toEqual([404, 404]);
    await mkdir(join(dir, "dist/agent"), { recursive: true });
    await writeFile(join(dir, "dist/install.sh"), 'url="@INDIUM_URL@"\n');
    const manifest = { version: "0.1.0", sha256: "a".repeat(64), file: "agent-0.1.0-x86_64.tar.gz" };
    await writeFile(join(dir, "dist/agent/agent.json"), JSON.stringify(manifest));
    await writeFile(join(dir, "dist/agent", manifest.file), "archive");
    await writeFile(join(dir, "dist/agent/secret"), "no");
    expect(await (await install()).text()).toBe('url="http://localhost:7780"\n');
    expect(await (await download("agent.json")).json()).toEqual(manifest);
    expect(await (await download(manifest.file)).text()).toBe("archive");
    for (const file of ["secret", "../agent.json", "agent-0.2.0-x86_64.tar.gz"]) expect((await download(file)).status).toBe(404);
  });
});
