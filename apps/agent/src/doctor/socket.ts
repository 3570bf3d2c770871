import { chmod } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { isErrno, removeFile } from "../system/files";
import { Checkup } from "./checkup";

/** In the ledger's directory, which only root enters (0700): nobody can reach the socket between its making and its mode. */
export const doctorSocket = (stateDir: string): string => join(stateDir, "ledger", "doctor.sock");

/** A connection is the question; the answer is one JSON text and the end. */
export const DOCTOR_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** struct sockaddr_un (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;

/** @returns how to stop. @throws Error when the socket cannot be made; an agent runs as well without it. */
export async function serveDoctor(path: string, answer: () => Promise<Checkup>): Promise<() => Promise<void>> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) throw new Error(`${path} is too long for a socket`);
  await removeFile(path);
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.setTimeout(DOCTOR_TIMEOUT_MS, () => socket.destroy());
    answer().then(
      (checkup) => socket.end(JSON.stringify(checkup)),
      () => socket.destroy(),
    );
  });
  server.maxConnections = 4;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
  await chmod(path, 0o600);
  server.unref();
  return async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await removeFile(path);
  };
}

/** What the running agent says, or in words why it says nothing. */
export function askAgent(path: string, timeoutMs = DOCTOR_TIMEOUT_MS): Promise<Checkup | { readonly silent: string }> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    const chunks: Buffer[] = [];
    let bytes = 0;
    const silent = (words: string): void => {
      clearTimeout(late);
      socket.destroy();
      resolve({ silent: words });
    };
    const late = setTimeout(() => silent(`The agent runs, but did not answer within ${timeoutMs / 1000} s: it hangs.`), timeoutMs);
    socket.on("error", (error) => {
      if (isErrno(error, "ENOENT") || isErrno(error, "ECONNREFUSED")) silent("The agent does not run.");
      else if (isErrno(error, "EACCES")) silent("Only root may ask the agent: run it with sudo.");
      else silent(`The agent could not be asked: ${error.message}.`);
    });
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) silent("The agent's answer is too long.");
      else chunks.push(chunk);
    });
    socket.on("end", () => {
      clearTimeout(late);
      socket.destroy();
      const parsed = Checkup.safeParse(parseJson(Buffer.concat(chunks).toString("utf8")));
      resolve(parsed.success ? parsed.data : { silent: "The agent's answer is not understood: it is of another version." });
    });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
