import { type RefObject, useEffect, useRef } from "react";

/** So much of the neighbour is seen, in px: that it can be scrolled to is told by nothing else. */
const NEIGHBOUR_PX = 40;

/** For a row that scrolls sideways on a narrow screen: what is chosen in it is brought into sight, and the page stays where it is. */
export function useInSight<E extends HTMLElement>(chosen: string): RefObject<E | null> {
  const row = useRef<E>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked for anew when another is chosen
  useEffect(() => {
    const list = row.current;
    if (list === null) return;
    // Told at once, and when the window is made narrower or turned.
    const observer = new ResizeObserver(() => bringIntoSight(list));
    observer.observe(list);
    return () => observer.disconnect();
  }, [chosen]);
  return row;
}

function bringIntoSight(list: HTMLElement): void {
  const item = list.querySelector("[aria-selected=true], [aria-current=page]");
  if (item === null) return;
  const [around, own] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  const before = own.left - NEIGHBOUR_PX - around.left;
  const after = own.right + NEIGHBOUR_PX - around.right;
  if (before < 0) list.scrollLeft += before;
  else if (after > 0) list.scrollLeft += after;
}
