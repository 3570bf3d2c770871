import { Duplex, PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { HISTORY_BYTES, SerialHub } from "./serial-hub";
import type { SerialView } from "./serial-view";

/** A port whose guest prints into its connection and its log at once, as QEMU does. */
function makePort(log = "") {
  const port = { log, typed: "", opened: 0, idle: 0, fail: false, connection: null as PassThrough | null };
  const print = (text: string) => {
    port.connection?.write(text);
    port.log += text;
  };
  const hub = new SerialHub({
    open: async () => {
      if (port.fail) throw new Error("no such socket");
      port.opened += 1;
      const out = new PassThrough();
      port.connection = out;
      const input = new PassThrough().on("data", (chunk: Buffer) => {
        port.typed += chunk.toString();
      });
      const stream = Duplex.from({ readable: out, writable: input });
      stream.on("error", () => {});
      return stream;
    },
    log: async (bytes) => Buffer.from(port.log).subarray(-bytes),
    onIdle: () => {
      port.idle += 1;
    },
  });
  return { port, hub, print };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** What a viewer has read so far, reading all the time. */
function read(view: SerialView): { text: () => string; ended: Promise<void> } {
  let text = "";
  view.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { text: () => text, ended: new Promise((resolve) => view.once("end", () => resolve())) };
}

describe("a serial port's viewers", () => {
  it("see the log, then what is printed, each byte once, also of what is printed while the first joins", async () => {
    const { port, hub, print } = makePort("before\r\n");
    const joining = hub.join();
    await until(() => port.connection !== null);
    print("meanwhile\r\n");
    const first = await joining;
    const one = read(first.stream);
    expect(first.historyBytes).toBe(Buffer.byteLength("before\r\nmeanwhile\r\n"));
    print("after\r\n");
    const two = read((await hub.join()).stream);
    print("last");
    await until(() => one.text().endsWith("last") && two.text().endsWith("last"));
    expect(one.text()).toBe("before\r\nmeanwhile\r\nafter\r\nlast");
    expect(two.text()).toBe(one.text());
    expect(port.opened).toBe(1);
  });

  it("share one connection even when they join at once, and it is let go with the last of them", async () => {
    const { port, hub } = makePort();
    const [one, two] = await Promise.all([hub.join(), hub.join()]);
    expect(port.opened).toBe(1);
    one.stream.destroy();
    await until(() => one.stream.destroyed);
    expect(port.idle).toBe(0);
    two.stream.write("typed");
    await until(() => port.typed === "typed");
    two.stream.destroy();
    await until(() => port.idle > 0);
    expect(port.connection?.destroyed || port.connection?.readableAborted || port.connection?.closed).toBe(true);
    await hub.join();
    expect(port.opened).toBe(2);
  });

  it("are all told when the port closes, after its last byte", async () => {
    const { port, hub, print } = makePort();
    const views = [(await hub.join()).stream, (await hub.join()).stream].map(read);
    print("bye");
    port.connection?.end();
    await Promise.all(views.map((view) => view.ended));
    expect(views.map((view) => view.text())).toEqual(["bye", "bye"]);
    await until(() => port.idle > 0);
  });

  it("are told when the port cannot be opened, and the next try is a new one", async () => {
    const { port, hub } = makePort();
    port.fail = true;
    await expect(Promise.all([hub.join(), hub.join()])).rejects.toThrow("no such socket");
    port.fail = false;
    await hub.join();
    expect(port.opened).toBe(1);
  });

  it("are shown a bounded history that begins with a whole line", async () => {
    const { hub } = makePort("a line of forty characters, more or less\r\n".repeat(20_000));
    const { stream, historyBytes } = await hub.join();
    expect(historyBytes).toBeLessThanOrEqual(HISTORY_BYTES);
    expect(historyBytes).toBeGreaterThan(HISTORY_BYTES - 4_096);
    expect((stream.read(20) as Buffer).toString()).toBe("a line of forty char");
  });

  it("who fall behind miss bytes, are told how many, and hold up nobody", async () => {
    const { hub, print, port } = makePort();
    const slow = (await hub.join()).stream;
    const quick = read((await hub.join()).stream);
    const line = `${"x".repeat(9_998)}\r\n`;
    for (let n = 0; n < 500; n += 1) {
      print(line);
      await until(() => quick.text().length === (n + 1) * 10_000);
    }
    print("THE END");
    await until(() => quick.text().endsWith("THE END"));
    expect(slow.readableLength).toBeLessThanOrEqual(1_048_576);
    const late = read(slow);
    await until(() => late.text().endsWith("THE END"));
    const missed = Number(/Indium: ([\d,]+) bytes were left out/.exec(late.text())?.[1]?.replaceAll(",", ""));
    const notice = late.text().slice(late.text().indexOf("\u001b[0m\r\n[Indium"), late.text().indexOf("The log has them.]\r\n") + 20);
    expect(missed + late.text().length - notice.length).toBe(port.log.length);
    print("and on");
    await until(() => late.text().endsWith("and on"));
  });
});
