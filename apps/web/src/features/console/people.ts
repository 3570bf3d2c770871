import type { ConsoleRoom } from "@indium/contract/api/console-views";

export interface Person {
  key: string;
  name: string;
  byLink: boolean;
  controls: boolean;
  serial: boolean;
  since: Date;
}

/** One line a person, however many windows they have open. */
export function peopleOf(room: ConsoleRoom): readonly Person[] {
  const people = new Map<string, Person>();
  for (const viewer of room.viewers) {
    if (viewer.you) continue;
    const key = `${viewer.byLink ? "link" : "user"} ${viewer.name}`;
    const known = people.get(key);
    people.set(key, {
      key,
      name: viewer.name,
      byLink: viewer.byLink,
      controls: (known?.controls ?? false) || viewer.mode === "control",
      serial: (known?.serial ?? false) || viewer.kind === "serial",
      since: known !== undefined && known.since < viewer.since ? known.since : viewer.since,
    });
  }
  return [...people.values()];
}
