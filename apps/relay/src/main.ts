import { readEnv } from "./env";
import { logToStderr } from "./log";
import { startRelay } from "./relay";

/** The launcher reads it as "a port is taken". */
const EXIT_PORT_TAKEN = 98;

async function main(): Promise<void> {
  const env = readEnv(process.env);
  const relay = await startRelay(env, logToStderr);
  logToStderr("info", "listening", { name: env.name, port: relay.port, rpcPort: relay.rpcPort });
  let stopping = false;
  let draining = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    const late = setTimeout(() => process.exit(1), 5_000);
    late.unref();
    relay.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGTERM", () => {
    // Whoever says it twice does not want to wait.
    if (draining) return stop();
    draining = true;
    relay.drain().then(stop, stop);
  });
  process.on("SIGINT", stop);
}

main().catch((thrown: unknown) => {
  const taken = thrown instanceof Error && "code" in thrown && thrown.code === "EADDRINUSE";
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  process.stderr.write(
    taken
      ? `The relay cannot listen: ${words}. Another program has that port; stop it, or set INDIUM_RELAY_PORT and INDIUM_RELAY_RPC_PORT.\n`
      : `The relay cannot start: ${words}\n`,
  );
  process.exit(taken ? EXIT_PORT_TAKEN : 1);
});
