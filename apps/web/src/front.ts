import { createServer } from "node:http";
import { Bounds } from "./front/bounds";
import { prepareTls } from "./front/certificate";
import { readFrontEnv } from "./front/env";
import { createFront } from "./front/server";

/** The launcher reads it as "a port is taken". */
const EXIT_PORT_TAKEN = 98;
const REPORT_INTERVAL_MS = 60_000;

async function main(): Promise<void> {
  const env = readFrontEnv(process.env);
  const tls = await prepareTls(env);
  const bounds = new Bounds(env.bounds);
  const server = createFront({ tls, webPort: env.webPort, relayPort: env.relayPort, relays: env.relays, bounds });
  report(bounds, env.metricsPort);
  server.once("error", (error: Error & { code?: string }) => {
    const address = `${env.bind}:${env.port}`;
    const words: Record<string, string> = {
      EADDRINUSE: `Port ${env.port} on ${env.bind} is taken by another program. Stop it, or choose another port: INDIUM_PORT=7790 npm start`,
      EACCES: `This user may not listen on ${address}: ports below 1024 need root. Choose another: INDIUM_PORT=7780`,
      EADDRNOTAVAIL: `This machine has no address ${env.bind}. Set INDIUM_BIND to one of its addresses, or to 0.0.0.0 for all.`,
    };
    process.stderr.write(`${words[error.code ?? ""] ?? `The front cannot listen on ${address}: ${error.message}`}\n`);
    process.exit(error.code === "EADDRINUSE" ? EXIT_PORT_TAKEN : 1);
  });
  server.listen(env.port, env.bind, 1024, () => {
    process.stderr.write(`front listening on ${tls === null ? "http" : "https"}://${env.bind}:${env.port}\n`);
  });
  const stop = () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
    // Spliced connections are no longer the server's to close.
    setTimeout(() => process.exit(0), 500).unref();
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

/** Numbers, and no names: once a minute to the log when there is something new, and to whoever asks on this machine. */
function report(bounds: Bounds, metricsPort: number | null): void {
  let said = "";
  setInterval(() => {
    const refused = Object.entries(bounds.counts).filter(([, count]) => count > 0);
    const words = refused.map(([reason, count]) => `${reason} ${count}`).join(", ");
    if (words !== said) process.stderr.write(`front: ${bounds.held} connections, refused since its start: ${words}\n`);
    said = words;
  }, REPORT_INTERVAL_MS).unref();
  if (metricsPort === null) return;
  const metrics = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify({ connections: bounds.held, refusals: bounds.counts }));
  });
  metrics.on("error", (error) => process.stderr.write(`front: its numbers are not served on port ${metricsPort}: ${error.message}\n`));
  metrics.listen(metricsPort, "127.0.0.1");
}

main().catch((thrown: unknown) => {
  process.stderr.write(`The front cannot start: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exit(1);
});
