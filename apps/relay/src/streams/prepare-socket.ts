import type { Socket } from "node:net";
import { KEEP_ALIVE_MS } from "@indium/tunnel/splice";

/** From here on the socket is ours: whatever happens to it must end it, and never the process. */
export function prepareSocket(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.setTimeout(0);
  socket.setNoDelay(true);
  // A viewer of an idle screen sends nothing for hours: only the kernel can tell it from a dead one.
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
}
