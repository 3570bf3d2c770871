import { connect } from "node:net";

// One TCP connection that is kept busy: sends a number every 50 ms, and prints each that comes back. Ends with the connection.
const [port, address] = process.argv.slice(2);
const socket = connect(Number(port), address);
let sent = 0;
let text = "";
const send = () => {
  sent += 1;
  socket.write(`${sent}\n`);
};
socket.on("connect", () => setInterval(send, 50));
socket.on("data", (chunk) => {
  text += chunk;
  const lines = text.split("\n");
  text = lines.pop();
  for (const line of lines) console.log(line);
});
socket.on("error", () => process.exit(1));
socket.on("close", () => process.exit(2));
