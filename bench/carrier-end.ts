import { createServer, request } from "node:http";
import type { Socket } from "node:net";
import { newId } from "@indium/contract/plain/ids";
import { STREAM_UPGRADE } from "@indium/contract/protocol";
import { OverlayCarrier } from "../apps/agent/src/overlay/overlay-carrier";
import { Carriers } from "../apps/relay/src/overlay/carriers";

/** One end of WireGuard inside websocket, in a namespace of its own: says where it is once it is there. Without TLS, as behind a front. */
const [side, address = "", wireguardPort = "0"] = process.argv.slice(2);
const PORT = 7799;

if (side === "relay") {
  const carriers = new Carriers({ wireguardPort: Number(wireguardPort), refusals: { count: () => {} }, log: () => {} });
  const hostId = newId("host");
  // Whoever asks is told the id: here the link is not there to tell it by.
  const server = createServer((_request, response) => void response.end(carriers.offer(hostId)));
  server.on("upgrade", (incoming, socket, head) => void carriers.accept(incoming, socket as Socket, head));
  server.listen(PORT, address, () => console.log("up"));
} else {
  const streamId = await (await fetch(`http://${address}:${PORT}/`)).text();
  const outgoing = request(`http://${address}:${PORT}/relay/stream/${streamId}`, {
    headers: { connection: "Upgrade", upgrade: STREAM_UPGRADE },
    agent: false,
  });
  outgoing.on("upgrade", (_response, stream) => {
    stream.setTimeout(0);
    void OverlayCarrier.open({
      ...{ stream: stream as Socket, wireguardPort: Number(wireguardPort), relayEndpoint: `${address}:7785` },
      onEnd: (reason, counts) => console.error("ended", reason, counts),
      onUdp: () => {},
      onUnanswered: () => {},
    }).then(({ endpoint }) => console.log(endpoint.split(":")[1]));
  });
  outgoing.end();
}
