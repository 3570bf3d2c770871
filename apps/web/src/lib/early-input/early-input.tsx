"use client";

import { useEffect } from "react";
import type { KeptInput } from "./early-input-script";

/** Does again, in its order, what was typed and pressed before the page's scripts were there. Once, when React has taken the page over. */
export function EarlyInput(): null {
  useEffect(() => {
    const kept = window.indiumEarlyInput;
    if (kept === undefined) return;
    delete window.indiumEarlyInput;
    kept.stop();
    void doAgain(kept);
  }, []);
  return null;
}

async function doAgain({ fields, keys, press }: KeptInput): Promise<void> {
  for (const [field, wanted] of fields) if (await takenOver(field)) setAgain(field, wanted);
  for (const key of keys) document.body.dispatchEvent(new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true }));
  if (press === null || !(await takenOver("button" in press ? press.button : press.form))) return;
  if ("button" in press) press.button.click();
  else press.form.requestSubmit(press.submitter?.isConnected ? press.submitter : null);
}

const LOOK_AGAIN_MS = 50;
const GIVE_UP_MS = 10_000;

/**
 * Parts of a page are taken over after the rest, and an event that comes before means nothing to them. React marks each element that it knows
 * with a property of its own; that is no promise of React's, so that without it the element counts as known after a while. False: it is gone.
 */
async function takenOver(element: Element): Promise<boolean> {
  for (let waited = 0; waited < GIVE_UP_MS && element.isConnected; waited += LOOK_AGAIN_MS) {
    if (Object.keys(element).some((name) => name.startsWith("__react"))) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return element.isConnected;
}

function setAgain(field: Element, wanted: string | boolean): void {
  if (typeof wanted === "boolean") {
    // React has set it back to what it knows.
    if (field instanceof HTMLInputElement && field.checked !== wanted) field.click();
  } else if (field instanceof HTMLSelectElement) {
    field.value = wanted;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  } else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
    // React tells a change by what was last set through the element's own property; the prototype's goes past that.
    const prototype = field instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype;
    field.value = "";
    Object.getOwnPropertyDescriptor(prototype, "value")?.set?.call(field, wanted);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
