/**
 * Written into each document before anything else of it. A page is there, with its fields and buttons, before its scripts are, on a slow line by
 * seconds, and what one types and presses meanwhile would be lost; or worse: a browser sends a form by itself, with what is in it in the address.
 * This keeps it for `EarlyInput`, which does it again once the page listens. Plain script: nothing of a bundle is there yet.
 */
export const EARLY_INPUT_SCRIPT = `(function () {
  var kept = { fields: new Map(), keys: [], press: null, stop: stop };
  var events = { input: onInput, click: onClick, submit: onSubmit, keydown: onKeyDown };
  window.indiumEarlyInput = kept;
  for (var name in events) document.addEventListener(name, events[name], true);
  function stop() { for (var name in events) document.removeEventListener(name, events[name], true); }
  // From then on React takes over at once what is pressed, and acts on it.
  function reactListens() { return Object.keys(document).some(function (name) { return name.indexOf("_reactListening") === 0; }); }
  function onInput(event) {
    var field = event.target;
    kept.fields.set(field, field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);
  }
  function onClick(event) {
    if (reactListens()) return;
    var button = event.target.closest ? event.target.closest("button") : null;
    if (button && !(button.form && button.type === "submit")) kept.press = { button: button };
  }
  function onSubmit(event) {
    if (reactListens()) return;
    event.preventDefault();
    kept.press = { form: event.target, submitter: event.submitter };
  }
  function onKeyDown(event) {
    if (event.target !== document.body || event.key.length !== 1 || event.repeat || kept.keys.length === 8) return;
    kept.keys.push({ key: event.key, ctrlKey: event.ctrlKey, metaKey: event.metaKey, altKey: event.altKey, shiftKey: event.shiftKey });
    // The browser has its own use for it.
    if (event.key === "k" && (event.ctrlKey || event.metaKey) && !event.altKey) event.preventDefault();
  }
})();`;

export interface KeptInput {
  /** What each touched field was last set to: the text or choice of one, whether another is checked. */
  readonly fields: ReadonlyMap<Element, string | boolean>;
  /** Pressed while nothing had the focus. */
  readonly keys: readonly KeyboardEventInit[];
  /** The last button or form: a second press means the same as one. */
  readonly press: { button: HTMLButtonElement } | { form: HTMLFormElement; submitter: HTMLElement | null } | null;
  readonly stop: () => void;
}

declare global {
  interface Window {
    indiumEarlyInput?: KeptInput;
  }
}
