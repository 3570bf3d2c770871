import type { KeyObject } from "node:crypto";
import type { HostId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { RELAY_PATHS } from "@indium/contract/protocol";
import { signEnvelope } from "@indium/tunnel/envelope";
import WebSocket from "ws";

/** Opens a console's websocket anew each time. */
export type Viewer = () => WebSocket;

const OPTIONS = { perMessageDeflate: false, rejectUnauthorized: false } as const;

/** With a ticket of its own for each. */
export function viewerOf(origin: string, hostId: HostId, centreKey: KeyObject): Viewer {
  return () => {
    const now = Date.now();
    const ids = { id: newId("ticket"), instanceId: newId("instance"), hostId, userId: newId("user") };
    const ticket = { ...ids, relayName: "bench", kind: "vnc", mode: "control", issuedAt: now, expiresAt: now + 30_000 };
    const text = Buffer.from(JSON.stringify(signEnvelope("console-ticket", ticket, centreKey))).toString("base64url");
    return new WebSocket(`${origin.replace(/^http/, "ws")}${RELAY_PATHS.console}?ticket=${text}`, ["binary"], OPTIONS);
  };
}

export const websockifyViewer = (port: number): Viewer => {
  return () => new WebSocket(`ws://127.0.0.1:${port}/websockify`, ["binary"], OPTIONS);
};

export async function opened(viewer: Viewer): Promise<WebSocket> {
  const socket = viewer();
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return socket;
}
