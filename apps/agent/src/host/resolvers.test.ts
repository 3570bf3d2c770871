import { describe, expect, it } from "vitest";
import { hostResolvers, reachableResolvers } from "./resolvers";

const files = (known: Record<string, string>) => (file: string) => {
  const text = known[file];
  if (text === undefined) throw new Error("ENOENT");
  return text;
};

describe("the host's resolvers", () => {
  it("leave out what means another machine inside a guest", () => {
    const text =
      "# by hand\nsearch lan\nnameserver 127.0.0.53\nnameserver 192.168.1.1\n nameserver fe80::1%eth0\nnameserver ::1\nnameserver 2620:fe::fe\nnameserver rubbish\n";
    expect(reachableResolvers(text)).toEqual(["192.168.1.1", "2620:fe::fe"]);
  });
  it("come from behind systemd-resolved's stub", () => {
    expect(
      hostResolvers(files({ "/run/systemd/resolve/resolv.conf": "nameserver 10.0.0.2\n", "/etc/resolv.conf": "nameserver 127.0.0.53\n" })),
    ).toEqual(["10.0.0.2"]);
  });
  it("are public ones when the host knows none", () => {
    expect(hostResolvers(files({ "/etc/resolv.conf": "nameserver 127.0.0.1\n" }))).toEqual(["9.9.9.9", "1.1.1.1"]);
    expect(hostResolvers(files({}))).toEqual(["9.9.9.9", "1.1.1.1"]);
  });
});
