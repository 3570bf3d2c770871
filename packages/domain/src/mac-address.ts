/**
 * A locally administered, unicast MAC address from five random bytes: QEMU's own `52:54:00` would leave 24 bits, and a site
 * of 5,000 NICs would then collide every other try. `02` (IEEE 802: bit 1 set = local, bit 0 clear = unicast) leaves 40.
 */
export function macAddressFrom(bytes: Uint8Array): string {
  if (bytes.length < 5) throw new RangeError("a MAC address needs five random bytes");
  return ["02", ...Array.from(bytes.slice(0, 5), (byte) => byte.toString(16).padStart(2, "0"))].join(":");
}
