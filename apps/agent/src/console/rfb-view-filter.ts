/**
 * Lets a viewer look and nothing else: passes what a VNC client must say to get pictures, and drops keys, pointer, clipboard
 * and everything else that changes the guest. RFC 6143 sections 7.1 (handshake) and 7.5 (client messages); the extensions after the
 * community's rfbproto: EnableContinuousUpdates 150, ClientFence 248, xvp 250, SetDesktopSize 251, QEMU 255.
 *
 *   version (12 bytes) ─▶ security (1 byte) ─▶ ClientInit (1 byte) ─▶ messages
 *
 * Invariants: what is not known is not passed; it ends the stream, because its length is not known either. At most one
 * message's head is held. The stream it writes is a well-formed client's stream.
 */
export class RfbViolation extends Error {}

const VERSION_BYTES = 12;
const SECURITY_NONE = 1;
const MAX_ENCODINGS = 1_024;
/** Pseudo-encoding ExtendedMouseButtons makes pointer messages a byte longer; a viewer without a pointer needs it not. */
const EXTENDED_MOUSE_BUTTONS = -316;
/**
 * Pseudo-encoding Extended Clipboard (0xc0a1e5ce): a client that knows it is told that the guest copied something, and gets it only when it
 * asks, which this drops. One that does not is sent it unasked (QEMU, ui/vnc-clipboard.c): what a guest copies is not on its screen.
 */
const EXTENDED_CLIPBOARD = -1_063_131_698;

type Phase = "version" | "security" | "init" | "messages";
type Verdict = { readonly need: number } | { readonly length: number; readonly pass: boolean };

export class RfbViewFilter {
  #phase: Phase = "version";
  #held: Buffer = Buffer.alloc(0);
  /** Bytes of a dropped message still to come. */
  #skip = 0;

  /**
   * What of `chunk`, and of what was held before, may go on to the VM; may be empty.
   * @throws RfbViolation: end the stream.
   */
  push(chunk: Buffer): Buffer {
    const passed: Buffer[] = [];
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    while (rest.length > 0) {
      if (this.#skip > 0) {
        const dropped = Math.min(this.#skip, rest.length);
        this.#skip -= dropped;
        rest = rest.subarray(dropped);
        continue;
      }
      const verdict = this.#judge(rest);
      if ("need" in verdict) {
        this.#held = Buffer.from(rest);
        break;
      }
      if (!verdict.pass) {
        this.#skip = verdict.length;
        continue;
      }
      passed.push(this.#advance(rest.subarray(0, verdict.length)));
      rest = rest.subarray(verdict.length);
    }
    return Buffer.concat(passed);
  }

  #judge(bytes: Buffer): Verdict {
    const whole = (length: number, pass: boolean): Verdict => (pass && bytes.length < length ? { need: length } : { length, pass });
    switch (this.#phase) {
      case "version":
        return whole(VERSION_BYTES, true);
      case "security":
      case "init":
        return whole(1, true);
      case "messages":
        return this.#judgeMessage(bytes, whole);
    }
  }

  #judgeMessage(bytes: Buffer, whole: (length: number, pass: boolean) => Verdict): Verdict {
    const type = bytes[0];
    switch (type) {
      case 0: // SetPixelFormat
        return whole(20, true);
      case 2: {
        // SetEncodings
        if (bytes.length < 4) return { need: 4 };
        const count = bytes.readUInt16BE(2);
        if (count > MAX_ENCODINGS) throw new RfbViolation(`${count} encodings`);
        return whole(4 + 4 * count, true);
      }
      case 3: // FramebufferUpdateRequest
      case 150: // EnableContinuousUpdates
        return whole(10, true);
      case 4: // KeyEvent
        return whole(8, false);
      case 5: // PointerEvent
        return whole(6, false);
      case 6: // ClientCutText; a negative length is the extended clipboard's
        return bytes.length < 8 ? { need: 8 } : whole(8 + Math.abs(bytes.readInt32BE(4)), false);
      case 248: // ClientFence
        if (bytes.length < 9) return { need: 9 };
        if (bytes.readUInt8(8) > 64) throw new RfbViolation("a fence of more than 64 bytes");
        return whole(9 + bytes.readUInt8(8), true);
      case 250: // xvp: shutdown, reboot, reset
        return whole(4, false);
      case 251: // SetDesktopSize
        return bytes.length < 8 ? { need: 8 } : whole(8 + 16 * bytes.readUInt8(6), false);
      case 255:
        return judgeQemu(bytes, whole);
      default:
        throw new RfbViolation(`client message ${String(type)} is not known`);
    }
  }

  #advance(message: Buffer): Buffer {
    switch (this.#phase) {
      case "version": {
        const version = message.toString("latin1");
        if (version !== "RFB 003.007\n" && version !== "RFB 003.008\n") throw new RfbViolation("only RFB 3.7 and 3.8");
        this.#phase = "security";
        return message;
      }
      case "security":
        if (message[0] !== SECURITY_NONE) throw new RfbViolation(`security type ${String(message[0])}`);
        this.#phase = "init";
        return message;
      case "init":
        this.#phase = "messages";
        // Shared, whatever was asked: one who may only look must not put the others out.
        return Buffer.from([1]);
      case "messages":
        return message[0] === 2 ? encodingsToLook(message) : message;
    }
  }
}

/** QEMU's own: extended key event (0) and audio (1). Neither passes. */
function judgeQemu(bytes: Buffer, whole: (length: number, pass: boolean) => Verdict): Verdict {
  if (bytes.length < 4) return { need: 4 };
  if (bytes[1] === 0) return whole(12, false);
  if (bytes[1] !== 1) throw new RfbViolation(`QEMU client message ${String(bytes[1])} is not known`);
  const operation = bytes.readUInt16BE(2);
  return whole(operation === 2 ? 10 : 4, false);
}

function encodingsToLook(setEncodings: Buffer): Buffer {
  const kept: number[] = [EXTENDED_CLIPBOARD];
  for (let at = 4; at < setEncodings.length; at += 4) {
    const encoding = setEncodings.readInt32BE(at);
    if (encoding !== EXTENDED_MOUSE_BUTTONS && encoding !== EXTENDED_CLIPBOARD) kept.push(encoding);
  }
  const message = Buffer.alloc(4 + 4 * kept.length);
  message[0] = 2;
  message.writeUInt16BE(kept.length, 2);
  kept.forEach((encoding, index) => {
    message.writeInt32BE(encoding, 4 + 4 * index);
  });
  return message;
}
