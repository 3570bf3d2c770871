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

it("listens for relays where its own address says, and asks when several are given", () => {
  const bind = (INDIUM_INTERNAL_URL?: string, INDIUM_INTERNAL_BIND?: string) =>
    readEnv({ INDIUM_INTERNAL_URL, INDIUM_INTERNAL_BIND }).internalBind;
  expect(bind()).toBe("127.0.0.1");
  expect(bind("http://localhost:7782,http://[::1]:7782")).toBe("127.0.0.1");
  expect(bind("http://10.0.0.1:7782")).toBe("10.0.0.1");
  expect(bind("http://[fd00::1]:7782")).toBe("fd00::1");
  expect(bind("http://10.0.0.1:7782, http://10.0.0.2:7782")).toBeNull();
  expect(bind("http://10.0.0.1:7782,http://10.0.0.2:7782", "10.0.0.2")).toBe("10.0.0.2");
});

it("refuses a database address of several servers, whatever the password", () => {
  const url = (text: string) => readEnv({ DATABASE_URL: text }).databaseUrl;
  for (const good of ["postgresql://u:a,b@db/indium", "postgresql://db/indium?options=-c%20a,b"]) expect(url(good)).toBe(good);
  for (const several of ["postgresql://u:p@a:5432,b:5432/indium", "postgres://a,b/indium?target_session_attrs=read-write"])
    expect(() => url(several)).toThrow("DATABASE_URL: it names several servers");
});
