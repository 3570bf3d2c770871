/** Whether plain keys are shortcuts: switched off by those whose speech or switch input types them by accident (WCAG 2.1.4). */
const KEY = "indium-single-keys";

export function singleKeysOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

export function rememberSingleKeys(on: boolean): void {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // Private windows of some browsers keep nothing; the choice then holds for this page.
  }
}
