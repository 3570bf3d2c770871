import { AppError, type ErrorCode } from "@indium/contract/errors";
import { describe, expect, it } from "vitest";
import { CentreAddresses } from "./centre-addresses";

/** Workers by name, and how each fails, if it does. */
function centre(failures: Record<string, ErrorCode | undefined>, relayName = "") {
  const addresses = new CentreAddresses(Object.keys(failures), relayName);
  const asked: string[] = [];
  const call = () =>
    addresses.call(async (url) => {
      asked.push(url);
      const code = failures[url];
      if (code !== undefined) throw new AppError(code, `${url} failed`);
      return url;
    });
  return { failures, asked, call, addresses };
}

describe("the addresses of the centre", () => {
  it("stay with the one that answers", async () => {
    const { call, asked } = centre({ a: undefined, b: undefined });
    expect([await call(), await call()]).toEqual(["a", "a"]);
    expect(asked).toEqual(["a", "a"]);
  });

  it("lead on at once from one to which nothing could be sent, and stay there", async () => {
    const { call, asked, failures } = centre({ a: "host_unreachable", b: undefined });
    expect(await call()).toBe("b");
    failures.a = undefined;
    expect(await call()).toBe("b");
    expect(asked).toEqual(["a", "b", "b"]);
  });

  it("repeat nothing that may have been carried out, but lead on for what comes next", async () => {
    for (const code of ["host_timeout", "signature_invalid"] as const) {
      const { call, asked } = centre({ a: code, b: undefined });
      await expect(call()).rejects.toMatchObject({ code });
      expect(await call()).toBe("b");
      expect(asked).toEqual(["a", "b"]);
    }
  });

  it("are each tried once when none can be reached, and again from there", async () => {
    const { call, asked, failures } = centre({ a: "host_unreachable", b: "host_unreachable" });
    await expect(call()).rejects.toMatchObject({ code: "host_unreachable" });
    expect(asked).toEqual(["a", "b"]);
    failures.b = undefined;
    expect(await call()).toBe("b");
  });

  it("are left for no answer of the centre's own", async () => {
    const { call, asked } = centre({ a: "conflict", b: undefined });
    for (let times = 0; times < 2; times++) await expect(call()).rejects.toMatchObject({ code: "conflict" });
    expect(asked).toEqual(["a", "a"]);
  });

  it("are left once by several calls that find the same one dead", async () => {
    const { call, asked } = centre({ a: "host_unreachable", b: undefined, c: undefined });
    expect(await Promise.all([call(), call(), call()])).toEqual(["b", "b", "b"]);
    expect(asked.filter((url) => url === "a")).toHaveLength(3);
  });

  it("are begun at by different relays differently", () => {
    const begin = (name: string) => centre({ a: undefined, b: undefined }, name).addresses.current;
    expect(new Set(["rome-1", "rome-2"].map(begin))).toEqual(new Set(["a", "b"]));
  });
});
