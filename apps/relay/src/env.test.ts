import { expect, it } from "vitest";
import { readEnv } from "./env";

const overlayOf = (environment: Record<string, string>) => readEnv({ INDIUM_STATE_DIR: "/state", ...environment }).overlay;

it("offers the overlay at the public name, beside the public port", () => {
  expect(overlayOf({ INDIUM_PUBLIC_URL: "https://indium.example:7780" })).toEqual({
    off: null,
    port: 7785,
    endpoint: "indium.example:7785",
    peersFile: "/state/relay/local-overlay.json",
  });
  expect(overlayOf({ INDIUM_PUBLIC_URL: "https://[2001:db8::1]", INDIUM_OVERLAY_PORT: "51820" }).endpoint).toBe("[2001:db8::1]:51820");
  expect(overlayOf({ INDIUM_OVERLAY_ENDPOINT: "198.51.100.7:4000", INDIUM_PUBLIC_URL: "http://localhost:7780" })).toMatchObject({
    off: null,
    endpoint: "198.51.100.7:4000",
  });
});

it("has none where nobody else could reach it, or where it is switched off, and says so", () => {
  for (const url of ["http://localhost:7780", "http://127.0.0.1:7780", "http://[::1]:7780"])
    expect(overlayOf({ INDIUM_PUBLIC_URL: url }).off).toMatch(/public address/);
  expect(overlayOf({}).off).toMatch(/public address/);
  expect(overlayOf({ INDIUM_OVERLAY: "off", INDIUM_PUBLIC_URL: "https://indium.example" }).off).toMatch(/switched off/);
  expect(() => overlayOf({ INDIUM_OVERLAY_ENDPOINT: "no port" })).toThrow(/INDIUM_OVERLAY_ENDPOINT/);
});

it("takes one address of the centre or several, and says which variable is wrong", () => {
  const urlsOf = (text: string) => readEnv({ INDIUM_INTERNAL_URL: text }).internalUrls;
  expect(readEnv({}).internalUrls).toEqual(["http://127.0.0.1:7782"]);
  expect(urlsOf("http://10.0.0.1:7782/, http://10.0.0.2:7782")).toEqual(["http://10.0.0.1:7782", "http://10.0.0.2:7782"]);
  for (const wrong of ["", "http://10.0.0.1:7782,", "10.0.0.1:7782", "ftp://10.0.0.1"])
    expect(() => urlsOf(wrong)).toThrow(/INDIUM_INTERNAL_URL/);
});

it("trusts the proxies that are named, and no nonsense", () => {
  expect(readEnv({}).trustedProxies).toEqual([]);
  expect(readEnv({ INDIUM_TRUSTED_PROXIES: "10.0.0.2, 10.1.0.0/16" }).trustedProxies).toEqual(["10.0.0.2", "10.1.0.0/16"]);
  expect(() => readEnv({ INDIUM_TRUSTED_PROXIES: "proxy.example" })).toThrow(/INDIUM_TRUSTED_PROXIES.*10\.0\.0\.0\/24/);
});
