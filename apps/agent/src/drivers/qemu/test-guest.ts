/**
 * A guest of 512 bytes for this folder's tests, which boots in a second under emulation: it says READY on the serial port,
 * powers itself off on the power button or on `p`, and resets itself on `r`. Ports: ICH9's PM1 block at 0x600 (SeaBIOS puts it
 * there, src/fw/dev-q35.h), the reset register at 0xcf9, the UART at 0x3f8.
 */
export function bootSector(message = "READY\r\n"): Buffer {
  const code: (number | { to: string })[] = [];
  const labels = new Map<string, number>();
  const label = (name: string): void => void labels.set(name, code.length);
  const emit = (...bytes: (number | { to: string })[]): void => void code.push(...bytes);
  emit(0xfa, 0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x7c); // cli; ds = ss = 0; sp = 0x7c00
  emit(0xba, 0x02, 0x06, 0xb8, 0x00, 0x01, 0xef); // PM1_EN: power button
  const messageAt = code.length + 1;
  emit(0xbe, 0, 0); // si = message
  label("print");
  emit(0xac, 0x84, 0xc0, 0x74, { to: "wait" }); // lodsb; end?
  emit(0xba, 0xf8, 0x03, 0xee, 0xeb, { to: "print" });
  label("wait");
  // No rest with interrupts on: SeaBIOS' timer would take the serial port's bytes for keys (src/sercon.c).
  emit(0xf3, 0x90); // pause
  emit(0xba, 0x00, 0x06, 0xed, 0xf6, 0xc4, 0x01, 0x75, { to: "off" }); // PM1_STS: power button?
  emit(0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, { to: "wait" }); // a byte on the serial port?
  emit(0xba, 0xf8, 0x03, 0xec, 0x3c, 0x70, 0x74, { to: "off" }, 0x3c, 0x72, 0x75, { to: "wait" });
  emit(0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee, 0xeb, 0xfe); // reset
  label("off");
  emit(0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef, 0xeb, 0xfe); // PM1_CNT: sleep type 0, enable
  const text = 0x7c00 + code.length;
  const bytes = code.map((each, index) => (typeof each === "number" ? each : ((labels.get(each.to) ?? 0) - (index + 1)) & 0xff));
  bytes[messageAt] = text & 0xff;
  bytes[messageAt + 1] = text >> 8;
  const sector = Buffer.alloc(512);
  Buffer.from([...bytes, ...Buffer.from(message, "latin1"), 0]).copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** A disk of one MiB with that boot sector. */
export function bootDisk(message?: string): Buffer {
  const disk = Buffer.alloc(1024 * 1024);
  bootSector(message).copy(disk);
  return disk;
}
