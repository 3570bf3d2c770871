import { describe, expect, it } from "vitest";
import { sha512Crypt } from "./sha512-crypt";

// Drepper's own vectors, then one made by glibc's crypt(3) for bytes beyond ASCII.
const VECTORS: [password: string, salt: string, rounds: number | undefined, hash: string][] = [
  [
    "Hello world!",
    "saltstring",
    undefined,
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
  ],
  [
    "Hello world!",
    "saltstringsaltstring",
    10_000,
    "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
  ],
  [
    "This is just a test",
    "toolongsaltstring",
    5_000,
    "$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0",
  ],
  [
    "a very much longer text to encrypt.  This one even stretches over morethan one line.",
    "anotherlongsaltstring",
    1_400,
    "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1",
  ],
  [
    "the minimum number is still observed",
    "roundstoolow",
    10,
    "$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.",
  ],
  [
    "pässwörd €",
    "./0az9ZZ",
    undefined,
    "$6$./0az9ZZ$sGPjLle0V/8k99Ox07ptumQZbciZaNU5G2sHPlVpn8FyBZbWyATxvL.NcB//kwRW0XsBAy4.kVRdRQZNse0Q1/",
  ],
];

describe("sha512Crypt", () => {
  for (const [password, salt, rounds, hash] of VECTORS)
    it(`gives what crypt(3) gives for ${JSON.stringify(password)}`, () => expect(sha512Crypt(password, salt, rounds)).toBe(hash));
  it("salts each hash anew", () => {
    expect(sha512Crypt("correct horse")).not.toBe(sha512Crypt("correct horse"));
    expect(sha512Crypt("correct horse")).toMatch(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/);
  });
});
