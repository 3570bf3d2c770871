import { describe, expect, it } from "vitest";
import { remoteAddressOf } from "./remote-address";
import { isSameOrigin } from "./same-origin";

const PUBLIC = "https://indium.example";
const from = (headers: Record<string, string>, publicUrl = PUBLIC) => isSameOrigin(new Headers(headers), publicUrl);

describe("a request is of our own pages", () => {
  it("when its origin is the public one, or the one that was asked", () => {
    expect(from({ origin: PUBLIC })).toBe(true);
    expect(from({ origin: "https://192.0.2.1:7780", host: "192.0.2.1:7780" })).toBe(true);
    expect(from({ origin: "http://127.0.0.1:7780", host: "127.0.0.1:7780" }, "http://localhost:7780")).toBe(true);
  });
  it("not when a page elsewhere sent it, whatever else it says", () => {
    expect(from({ origin: "https://evil.example", host: "indium.example" })).toBe(false);
    expect(from({ origin: "http://indium.example", host: "indium.example" })).toBe(false);
    expect(from({ origin: "null", host: "indium.example" })).toBe(false);
    expect(from({ origin: "https://evil.example", "sec-fetch-site": "same-origin" })).toBe(false);
    expect(from({ "sec-fetch-site": "cross-site" })).toBe(false);
    expect(from({ "sec-fetch-site": "same-site" })).toBe(false);
  });
  it("when it comes from no browser at all", () => {
    expect(from({})).toBe(true);
  });
});

describe("the remote address", () => {
  const address = (forwarded: string) => remoteAddressOf(new Headers({ "x-forwarded-for": forwarded }));
  it("is what the front saw, not what the client claims", () => {
    expect(address("1.2.3.4, 192.0.2.1")).toBe("192.0.2.1");
    expect(address("::ffff:192.0.2.1")).toBe("192.0.2.1");
    expect(address("2001:db8::1")).toBe("2001:db8::1");
  });
  it("is unknown when it is no address", () => {
    expect(address("unknown")).toBeNull();
    expect(remoteAddressOf(new Headers())).toBeNull();
  });
});
