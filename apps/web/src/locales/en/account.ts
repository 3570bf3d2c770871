export const account = {
  you: "You",
  emailHint: "You sign in with it.",
  password: {
    description: "Changing it signs you out everywhere else.",
    current: "Current password",
    next: "New password",
    again: "New password again",
    change: "Change password",
    differ: "The two new passwords differ.",
    changed: "Password changed",
    elsewhere: "Everywhere else you are signed out.",
  },
} as const;
