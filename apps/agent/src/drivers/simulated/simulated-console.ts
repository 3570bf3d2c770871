import { Duplex, PassThrough } from "node:stream";
import { type RfbSession, serveRfb } from "./rfb-server";
import { Screen } from "./screen";

const WIDTH = 720;
const HEIGHT = 400;
const BACKGROUND = 0x101820;
const INPUT_LINE = { x: 0, y: 300, width: WIDTH, height: 24 } as const;
const SERIAL_LOG_BYTES = 256 * 1024;

/** What a simulated VM shows and hears: one screen and one serial line, however many look at it. */
export class SimulatedConsole {
  readonly #name: string;
  readonly #screen = new Screen(WIDTH, HEIGHT);
  readonly #viewers = new Map<Duplex, RfbSession>();
  readonly #terminals = new Set<Duplex>();
  #typed = "";
  #log = "";
  #logged = 0;

  constructor(name: string) {
    this.#name = name;
    this.#draw("The simulated guest is off");
  }

  openVnc(): Duplex {
    const [ours, theirs] = pair();
    this.#viewers.set(
      ours,
      serveRfb(ours, this.#screen, `SIMULATED ${this.#name}`, (keysym, down) => down && this.#key(keysym)),
    );
    ours.on("close", () => this.#viewers.delete(ours));
    return theirs;
  }

  openSerial(): Duplex {
    const [ours, theirs] = pair();
    this.#terminals.add(ours);
    ours.on("close", () => this.#terminals.delete(ours));
    ours.on("error", () => ours.destroy());
    // An echo: Enter becomes a new line with a prompt.
    ours.on("data", (chunk: Buffer) => this.print(chunk.toString("utf8").replaceAll("\r", `\r\n${this.#name} (simulated)# `)));
    ours.write(`\r\nSIMULATED ${this.#name}: an echo, no real guest.\r\n${this.#name} (simulated)# `);
    return theirs;
  }

  /** What the guest writes to its serial port. */
  print(text: string): void {
    this.#log = (this.#log + text).slice(-SERIAL_LOG_BYTES);
    this.#logged += Buffer.byteLength(text);
    for (const terminal of this.#terminals) terminal.write(text);
  }

  serialTail(bytes: number): { text: string; totalBytes: number } {
    return { text: Buffer.from(this.#log, "utf8").subarray(-bytes).toString("utf8"), totalBytes: this.#logged };
  }

  show(state: string): void {
    this.#typed = "";
    this.#draw(state);
    for (const session of this.#viewers.values()) session.changed({ x: 0, y: 0, width: WIDTH, height: HEIGHT });
  }

  /** The VM has ended, and its sockets with it. */
  close(): void {
    for (const stream of [...this.#viewers.keys(), ...this.#terminals]) stream.destroy();
    this.#viewers.clear();
    this.#terminals.clear();
  }

  #draw(state: string): void {
    this.#screen.fill({ x: 0, y: 0, width: WIDTH, height: HEIGHT }, BACKGROUND);
    this.#screen.fill({ x: 0, y: 0, width: WIDTH, height: 6 }, 0xd9a441);
    this.#screen.text("SIMULATED", 32, 48, 6, 0xd9a441);
    this.#screen.text(this.#name, 32, 120, 4, 0xf2f2f2);
    this.#screen.text("There is no real guest behind this screen.", 32, 190, 2, 0x9fb3c8);
    this.#screen.text(state, 32, 220, 2, 0x9fb3c8);
    this.#drawInput();
  }

  #drawInput(): void {
    this.#screen.fill(INPUT_LINE, BACKGROUND);
    this.#screen.text(`login: ${this.#typed}_`, 32, INPUT_LINE.y + 4, 2, 0xf2f2f2);
  }

  #key(keysym: number): void {
    // keysymdef.h: Return, BackSpace, and Latin-1 as itself.
    if (keysym === 0xff0d) this.#typed = "";
    else if (keysym === 0xff08) this.#typed = this.#typed.slice(0, -1);
    else if (keysym >= 0x20 && keysym < 0x7f && this.#typed.length < 40) this.#typed += String.fromCharCode(keysym);
    else return;
    this.#drawInput();
    for (const session of this.#viewers.values()) session.changed(INPUT_LINE);
  }
}

/** Two ends of one connection in memory. */
function pair(): [Duplex, Duplex] {
  const there = new PassThrough();
  const back = new PassThrough();
  const left = Duplex.from({ readable: back, writable: there });
  const right = Duplex.from({ readable: there, writable: back });
  left.on("close", () => right.destroy());
  right.on("close", () => left.destroy());
  for (const stream of [left, right, there, back]) stream.on("error", () => {});
  return [left, right];
}
