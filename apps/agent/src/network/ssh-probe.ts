import { connect } from "node:net";
import { run } from "../system/exec";
import type { HostShell } from "./host-shell";

/** RFC 4253 section 4.2: the server's first bytes, after at most a few lines of its own. */
const BANNER = "SSH-";
const MAX_BYTES = 4_096;

/** Whether something that speaks SSH listens there. Never throws: anything else than a banner in time is "not yet". */
export function answersSsh(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let text = "";
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (text.startsWith(BANNER) || text.includes(`\n${BANNER}`)) end(true);
      else if (text.length > MAX_BYTES) end(false);
    });
    socket.on("error", () => end(false));
    socket.on("close", () => end(false));
  });
}

/** The same from inside another host namespace, where this process cannot connect from (tests). */
const PROBE_SOURCE = `
const [host, port, timeoutMs] = process.argv.slice(1);
const socket = require("node:net").connect({ host, port: Number(port) });
const end = (code) => process.exit(code);
setTimeout(end, Number(timeoutMs), 1);
socket.on("data", (chunk) => end(chunk.toString("latin1").startsWith("${BANNER}") ? 0 : 1));
socket.on("error", () => end(1));
socket.on("close", () => end(1));
`;

export async function answersSshWithin(shell: HostShell, host: string, port: number, timeoutMs: number): Promise<boolean> {
  const command = shell.within(process.execPath, ["-e", PROBE_SOURCE, host, String(port), String(timeoutMs)]);
  return (await run(command.file, command.args, { allowFailure: true, timeoutMs: timeoutMs + 10_000 })).code === 0;
}
