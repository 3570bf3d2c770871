import type { ServerResponse } from "node:http";

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2"><meta name="viewport" content="width=device-width">
<title>Indium is starting</title>
<style>body{font:16px/1.5 system-ui,sans-serif;display:grid;place-content:center;min-height:90vh;margin:0 2rem;text-align:center;color-scheme:light dark}</style>
</head><body><main><h1>Indium is starting</h1><p>The dashboard does not answer yet. This page tries again every two seconds.</p>
<p>If it stays, look at the output of <code>npm start</code>. Virtual machines keep running meanwhile.</p></main></body></html>
`;
const MESSAGE = JSON.stringify({
  error: { code: "host_unreachable", message: "The dashboard does not answer; it may be starting. Try again in a moment." },
});

/** Nothing answers behind the front. A browser gets a page that tries again by itself, everything else JSON. */
export function badGateway(response: ServerResponse, accept: string): void {
  const html = accept.includes("text/html");
  const body = html ? PAGE : MESSAGE;
  response.writeHead(502, {
    "content-type": html ? "text/html; charset=utf-8" : "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "retry-after": "2",
  });
  response.end(body);
}
