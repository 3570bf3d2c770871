export const setup = {
  title: "Set up Indium",
  description: "Three things, and your own cloud is running. All of it can be changed later.",
  pageTitle: "Set up",
  noLink: {
    title: "Open the set-up link",
    waiting: "This Indium is waiting to be set up",
    how: "Open the one-time link that <command>npm start</command> printed. Started again, it prints a new one.",
  },
  used: "Already set up",
  broken: "This link does not work",
  checking: "Checking the link…",
  you: {
    title: "You",
    description: "The first account. It administers this installation.",
  },
  organization: {
    title: "Your organization",
    description: "Who the machines belong to. People are invited into it.",
    name: "Organization name",
  },
  site: {
    title: "The first site",
    description: "A place where hosts stand: an office, a cellar, a data centre.",
    name: "Site name",
  },
  submit: "Set up",
} as const;
