import { describe, expect, it } from "vitest";
import { isWebsocketUpgrade, rebuildUpgrade } from "./upgrade-request";

const headers = {
  host: "indium.example",
  cookie: "session=secret",
  authorization: "Bearer secret",
  origin: "https://indium.example",
  referer: "https://indium.example/secret",
  "x-forwarded-for": "1.2.3.4",
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
  "sec-websocket-protocol": "binary",
  "sec-fetch-site": "same-origin",
};

describe("a rebuilt upgrade", () => {
  it("says what the websocket needs, and not a word more", () => {
    expect(rebuildUpgrade(headers)).toBe(
      [
        "GET / HTTP/1.1",
        "Host: stream",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version: 13",
        "sec-websocket-protocol: binary",
        "",
        "",
      ].join("\r\n"),
    );
  });

  it("cannot be made to hold a second line", () => {
    const evil = {
      ...headers,
      "sec-websocket-protocol": "binary\r\nCookie: x",
      "sec-websocket-extensions": "x\n",
      "sec-websocket-x\r\n": "y",
    };
    expect(rebuildUpgrade(evil)).not.toMatch(/cookie|extensions|: y/i);
  });

  it("is made of a websocket's upgrade only", () => {
    expect(isWebsocketUpgrade(headers)).toBe(true);
    expect(isWebsocketUpgrade({ ...headers, "sec-websocket-version": "8" })).toBe(false);
    expect(isWebsocketUpgrade({ ...headers, "sec-websocket-key": "short" })).toBe(false);
    expect(isWebsocketUpgrade({ ...headers, upgrade: "h2c" })).toBe(false);
  });
});
