export const signIn = {
  title: "Sign in",
  giveEmail: "Give your e-mail address.",
  givePassword: "Give your password.",
  noAccount: "No account? Ask an owner or admin of your organization for an invitation link.",
  results: {
    wrong: "E-mail and password do not fit together. Check both and try again.",
    "rate-limited": "Too many attempts with this account. Wait a quarter of an hour and try again.",
    unavailable: "Indium did not answer. It may be starting again; try in a moment.",
  },
} as const;
