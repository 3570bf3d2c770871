import { HeartbeatSender } from "../../../agent/src/overlay/heartbeat-sender";

// Heartbeats to a relay, five a second for ten seconds: prints the round trip of each that is answered, in ms. They wait behind whatever else is sent.
const [own = "", relay = ""] = process.argv.slice(2);
const sender = await HeartbeatSender.open(own, { address: relay, port: 7786 }, () => console.log(sender.roundTripMs));
for (let sent = 0; sent < 50; sent += 1) {
  sender.send();
  await new Promise((resolve) => setTimeout(resolve, 200));
}
await new Promise((resolve) => setTimeout(resolve, 3_000));
process.exit();
