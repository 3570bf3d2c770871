import { MacAddress } from "@indium/contract/network";
import { expect, it } from "vitest";
import { macAddressFrom } from "./mac-address";

it("makes local unicast addresses that the wire accepts", () => {
  expect(macAddressFrom(new Uint8Array([0, 255, 16, 1, 2]))).toBe("02:00:ff:10:01:02");
  expect(MacAddress.parse(macAddressFrom(new Uint8Array([1, 2, 3, 4, 5])))).toBe("02:01:02:03:04:05");
  expect(() => macAddressFrom(new Uint8Array(4))).toThrow(RangeError);
});
