import { describe, expect, it } from "vitest";
import { readEnv } from "./env";

const publicUrl = (text: string) => readEnv({ INDIUM_PUBLIC_URL: text }).publicUrl;

describe("the public URL", () => {
  it("is an origin, without its trailing slash", () => {
    for (const given of ["http://localhost:7780", "https://indium.example", "https://192.0.2.1:7780", "https://[2001:db8::1]:7780"])
      expect([publicUrl(given), publicUrl(`${given}/`)]).toEqual([given, given]);
  });

  it("is refused when the copied command or the served script would carry more than an address", () => {
    for (const given of [
      "http://a$(id)b",
      "http://a;id",
      "https://x/`id`",
      "https://x/' ; id",
      "https://x/path",
      "https://user:secret@x",
      "https://x?y",
      "ftp://x",
    ])
      expect(() => publicUrl(given)).toThrow("INDIUM_PUBLIC_URL");
  });
});
