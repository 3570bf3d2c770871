export const ui = {
  whatItSaid: "What it said",
  copied: "Copied",
  closeMenu: "Close menu",
  optional: "optional",
  showPassword: "Show password",
  hidePassword: "Hide password",
  confirm: {
    typeToConfirm: "Type <shown>{name}</shown> to confirm",
    typeFirst: "Type {name} above first.",
  },
  editor: {
    leaving: "Tab indents. To leave the editor by keyboard, press <escape>Esc</escape>, then <tab>Tab</tab>.",
  },
  toast: { region: "Notifications ({hotkey})", notification: "Notification", dismiss: "Dismiss" },
  chart: {
    overTime: "{title} over time",
    notMeasured: "not measured",
  },
} as const;
