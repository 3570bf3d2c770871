import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliDecompressSync, createBrotliDecompress, gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { codingOf } from "./compression";
import { createFront } from "./server";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const SCRIPT = "export const answer = 42;\n".repeat(400);
const PAGE = `<!doctype html>${"<p>a row</p>".repeat(400)}`;

/** Stands in for Next: scripts, a page that comes in two pieces, the API, the live stream, an archive. */
async function front(): Promise<{ port: number; more: () => void }> {
  let more = () => {};
  const next = createServer((req, res) => {
    const path = req.url ?? "";
    if (path.startsWith("/_next/static/"))
      res
        .writeHead(200, {
          "content-type": "application/javascript; charset=UTF-8",
          "cache-control": "public, max-age=31536000, immutable",
          etag: '"abc"',
          "content-length": SCRIPT.length,
          "accept-ranges": "bytes",
          vary: "rsc",
        })
        .end(SCRIPT);
    else if (path === "/api/trpc/live.changes") {
      res.writeHead(200, { "content-type": "text/event-stream" });
      res.write("data: 1\n\n");
    } else if (path === "/download/agent.tar.gz") res.writeHead(200, { "content-type": "application/gzip" }).end(SCRIPT);
    else if (path === "/gone") res.writeHead(404, { "content-type": "text/html" }).end(PAGE);
    else if (path === "/small") res.writeHead(200, { "content-type": "text/html", "content-length": 2 }).end("ok");
    else if (path === "/pieces") {
      res.writeHead(200, { "content-type": "text/html; charset=utf-8" }).write(PAGE);
      more = () => res.end("the end");
    } else res.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(PAGE);
  });
  const port = await listen(createFront({ tls: null, webPort: await listen(next), relayPort: 1 }));
  return { port, more: () => more() };
}

interface Got {
  status: number | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}
function get(port: number, path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Got> {
  return new Promise((resolve, reject) => {
    request({ port, path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    })
      .on("error", reject)
      .end();
  });
}
const BROWSER = { "accept-encoding": "gzip, deflate, br, zstd", "sec-fetch-site": "same-origin" };

describe("the front", () => {
  it("sends scripts compressed, and says so", async () => {
    const { port } = await front();
    const { headers, body } = await get(port, "/_next/static/chunks/a.js", BROWSER);
    expect(headers).toMatchObject({ "content-encoding": "br", etag: 'W/"abc"', vary: "rsc, Accept-Encoding" });
    expect(headers["content-length"]).toBeUndefined();
    expect(headers["accept-ranges"]).toBeUndefined();
    expect(body.length).toBeLessThan(SCRIPT.length / 10);
    expect(brotliDecompressSync(body).toString()).toBe(SCRIPT);
  });

  it("takes the coding that is accepted, and none that is not", async () => {
    const { port } = await front();
    const gzip = await get(port, "/_next/static/chunks/a.js", { "accept-encoding": "br;q=0, gzip" });
    expect(gzip.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT);
    const plain = await get(port, "/_next/static/chunks/a.js");
    expect(plain.headers).toMatchObject({ etag: '"abc"', vary: "rsc, Accept-Encoding", "content-length": String(SCRIPT.length) });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.body.toString()).toBe(SCRIPT);
  });

  it("compresses what was made for one person only where no other site made the browser ask", async () => {
    const { port } = await front();
    for (const asker of ["same-origin", "none"])
      expect((await get(port, "/o/org-1", { ...BROWSER, "sec-fetch-site": asker })).headers["content-encoding"]).toBe("br");
    for (const asker of ["cross-site", "same-site"])
      expect((await get(port, "/o/org-1", { ...BROWSER, "sec-fetch-site": asker })).headers["content-encoding"]).toBeUndefined();
    expect((await get(port, "/o/org-1", { "accept-encoding": "br" })).headers["content-encoding"]).toBeUndefined();
  });

  it("passes a page's beginning on before its end is there", async () => {
    const { port, more } = await front();
    const text = await new Promise<string>((resolve, reject) => {
      request({ port, path: "/pieces", headers: BROWSER }, (response) => {
        expect(response.headers["content-encoding"]).toBe("br");
        let seen = "";
        response
          .pipe(createBrotliDecompress())
          .on("data", (chunk: Buffer) => {
            if (seen.length < PAGE.length && seen.length + chunk.length >= PAGE.length) more();
            seen += chunk.toString();
          })
          .on("end", () => resolve(seen))
          .on("error", reject);
      }).end();
    });
    expect(text).toBe(`${PAGE}the end`);
  });

  it("leaves the live stream, archives, errors and small answers as they are", async () => {
    const { port } = await front();
    const first = await new Promise<string>((resolve) => {
      request({ port, path: "/api/trpc/live.changes", headers: BROWSER }, (response) => {
        expect(response.headers["content-encoding"]).toBeUndefined();
        response.once("data", (chunk: Buffer) => {
          resolve(chunk.toString());
          response.destroy();
        });
      }).end();
    });
    expect(first).toBe("data: 1\n\n");
    for (const path of ["/download/agent.tar.gz", "/gone", "/small"])
      expect((await get(port, path, BROWSER)).headers["content-encoding"]).toBeUndefined();
    expect((await get(port, "/o/org-1", BROWSER, "HEAD")).headers["content-encoding"]).toBeUndefined();
    expect((await get(port, "/_next/static/chunks/a.js", { ...BROWSER, range: "bytes=0-9" })).headers["content-encoding"]).toBeUndefined();
  });
});

it("compresses nothing that is compressed already, or that must not be transformed", () => {
  const asked = { method: "GET", url: "/_next/static/a.css", headers: { "accept-encoding": "br" } };
  const css = { "content-type": "text/css" };
  expect(codingOf(asked, { statusCode: 200, headers: css })).toBe("br");
  expect(codingOf(asked, { statusCode: 200, headers: { ...css, "content-encoding": "gzip" } })).toBeNull();
  expect(codingOf(asked, { statusCode: 200, headers: { ...css, "cache-control": "no-transform" } })).toBeNull();
  expect(codingOf(asked, { statusCode: 200, headers: { "content-type": "text/event-stream" } })).toBeNull();
});
