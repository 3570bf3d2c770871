import { listenInNamespace } from "../bind-helper";

/** Binds as an agent does and holds the sockets until it is killed: `bind-and-wait.ts <namespace>`. */
console.log("binding");
await listenInNamespace(process.argv[2] ?? "", [
  { id: "http4", type: "tcp", host: "0.0.0.0", port: 80 },
  { id: "dhcp", type: "udp4", host: "0.0.0.0", port: 67 },
]);
console.log("bound");
setInterval(() => {}, 1_000);
