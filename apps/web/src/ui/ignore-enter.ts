import type { KeyboardEvent } from "react";

/** Enter in a platform's checkbox or radio button sends its form off, and whoever presses it wants to choose. With a modifier it is a shortcut. */
export function ignoreEnter(event: KeyboardEvent): void {
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) event.preventDefault();
}
