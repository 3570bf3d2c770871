import { useRef } from "react";

/**
 * Where the keyboard was before something opened over the page is where it is again afterwards. Radix knows only of openers that it draws
 * itself; ours are buttons anywhere.
 * @returns the content's `onCloseAutoFocus`.
 */
export function useReturnFocus(open: boolean): (event: Event) => void {
  const opener = useRef<HTMLElement | null>(null);
  const wasOpen = useRef(false);
  // While it renders: a field in it that takes the focus has not yet done so.
  if (open && !wasOpen.current && typeof document !== "undefined") opener.current = whoOpened();
  wasOpen.current = open;
  return (event) => {
    // What was chosen in it may have opened something else, which has the keyboard now.
    const elsewhere = document.activeElement !== null && document.activeElement !== document.body;
    if (elsewhere || opener.current?.isConnected !== true) return;
    event.preventDefault();
    opener.current.focus();
  };
}

/** A menu's item goes with its menu, whose button stays. */
function whoOpened(): HTMLElement | null {
  const active = document.activeElement;
  const button = active?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  if (button) return document.getElementById(button);
  return active instanceof HTMLElement ? active : null;
}
