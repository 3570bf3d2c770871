export const shell = {
  userMenu: {
    label: "Account of {name}",
    theme: "Theme",
    themes: { system: "System", light: "Light", dark: "Dark" },
    language: "Language",
    signOut: "Sign out",
  },
} as const;
