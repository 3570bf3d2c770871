import { createServer } from "node:net";

/** Speaks as much QMP as an adoption needs, on every socket it is told of. */
type Monitor = { path: string; uuid: string };

process.on("disconnect", () => process.exit(0));
process.once("message", (monitors: Monitor[]) => {
  void Promise.all(monitors.map(listen)).then(() => process.send?.("ready"));
});

function listen({ path, uuid }: Monitor): Promise<void> {
  const answers: Record<string, unknown> = { "query-uuid": { UUID: uuid }, "query-status": { status: "running", running: true } };
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write(`${JSON.stringify({ QMP: { version: { qemu: { major: 7, minor: 2, micro: 0 }, package: "" }, capabilities: [] } })}\r\n`);
    let rest = "";
    socket.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.filter((each) => each.trim() !== "")) {
        const { execute, id } = JSON.parse(line) as { execute: string; id?: unknown };
        socket.write(`${JSON.stringify({ return: answers[execute] ?? {}, id })}\r\n`);
      }
    });
  });
  return new Promise((resolve) => server.listen(path, () => resolve()));
}
