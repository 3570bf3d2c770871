import { prepareTls } from "./front/certificate";
import { readFrontEnv } from "./front/env";
import { createFront } from "./front/server";

/** The launcher reads it as "a port is taken". */
const EXIT_PORT_TAKEN = 98;

async function main(): Promise<void> {
  const env = readFrontEnv(process.env);
  const tls = await prepareTls(env);
  const server = createFront({ tls, webPort: env.webPort, relayPort: env.relayPort, relays: env.relays });
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

main().catch((thrown: unknown) => {
  process.stderr.write(`The front cannot start: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exit(1);
});
