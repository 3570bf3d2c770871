import type { ConsoleRoom } from "@indium/contract/api/console-views";
import { expect, test } from "vitest";
import { peopleOf } from "./people";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 10, minute));
const viewer = (over: Partial<ConsoleRoom["viewers"][number]>): ConsoleRoom["viewers"][number] => ({
  ...{ id: "tkt-00000000000000001", name: "Ben", you: false, byLink: false, kind: "vnc", mode: "view", since: at(0) },
  ...over,
});

test("who is there is told by person, not by window, and without oneself", () => {
  const room: ConsoleRoom = {
    viewers: [
      viewer({ name: "Lea", you: true, mode: "control" }),
      viewer({ since: at(5) }),
      viewer({ kind: "serial", mode: "control", since: at(3) }),
      viewer({ name: "Ben", byLink: true, since: at(9) }),
    ],
    holder: null,
    asked: null,
  };
  expect(peopleOf(room).map(({ key: _, ...person }) => person)).toEqual([
    { name: "Ben", byLink: false, controls: true, serial: true, since: at(3) },
    { name: "Ben", byLink: true, controls: false, serial: false, since: at(9) },
  ]);
});
