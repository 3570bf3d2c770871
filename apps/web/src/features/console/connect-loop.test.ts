import { AppError } from "@indium/contract/errors";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type GrantedStream, startConnectLoop } from "./connect-loop";

class FakeSocket extends EventTarget {
  static readonly made: FakeSocket[] = [];
  binaryType = "";
  closed = false;
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
    FakeSocket.made.push(this);
  }
  close() {
    this.closed = true;
  }
  end(code: number, reason = "") {
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made.length = 0;
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("window", { location: { href: "https://indium.example/o/x" } });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function loop(open: () => Promise<GrantedStream> = async () => ({ url: "/relay/console?ticket=t", mode: "control" })) {
  const states: string[] = [];
  const holds: (() => void)[] = [];
  let detached = 0;
  const opened = vi.fn(open);
  const stop = startConnectLoop({
    open: opened,
    attach: (_socket, _granted, held) => {
      holds.push(held);
      return () => {
        detached += 1;
      };
    },
    onState: (state) => states.push(state),
  });
  return { states, holds, opened, stop, detached: () => detached };
}
const settle = () => vi.advanceTimersByTimeAsync(0);

describe("a console's connection", () => {
  test("comes back with a new ticket after it was lost, and what was shown is let go once", async () => {
    const { states, holds, opened, detached } = loop();
    await settle();
    expect(FakeSocket.made[0]?.url).toBe("wss://indium.example/relay/console?ticket=t");
    holds[0]?.();
    FakeSocket.made[0]?.end(1006);
    expect(detached()).toBe(1);
    await vi.advanceTimersByTimeAsync(300);
    expect(states).toEqual(["connecting", "connected", "waiting", "connecting"]);
    expect(opened).toHaveBeenCalledTimes(2);
  });
  test("waits longer while it does not hold, and begins anew once it has", async () => {
    const { holds, opened } = loop();
    await settle();
    for (const wait of [300, 600, 1_200]) {
      FakeSocket.made.at(-1)?.end(CONSOLE_CLOSE.hostUnreachable);
      await vi.advanceTimersByTimeAsync(wait - 1);
      const before = opened.mock.calls.length;
      await vi.advanceTimersByTimeAsync(1);
      expect(opened.mock.calls.length).toBe(before + 1);
    }
    holds.at(-1)?.();
    FakeSocket.made.at(-1)?.end(1006);
    await vi.advanceTimersByTimeAsync(300);
    expect(opened).toHaveBeenCalledTimes(5);
  });
  test("ends where it is refused for good", async () => {
    const { states, opened } = loop(() => Promise.reject(new AppError("token_invalid", "It was taken back.").toWire()));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states).toEqual(["connecting", "ended"]);
    expect(opened).toHaveBeenCalledTimes(1);
  });
  test("stops at the page's word, also while a ticket is on its way", async () => {
    let give: (granted: GrantedStream) => void = () => {};
    const { stop, states } = loop(
      () =>
        new Promise((resolve) => {
          give = resolve;
        }),
    );
    stop();
    give({ url: "/relay/console?ticket=late", mode: "control" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.made).toEqual([]);
    expect(states).toEqual(["connecting"]);
  });
});
