export const shell = {
  userMenu: {
    label: "Account of {name}",
    theme: "Theme",
    themes: { system: "System", light: "Light", dark: "Dark" },
    language: "Language",
    signOut: "Sign out",
  },
  nav: {
    label: "Main",
    overview: "Overview",
    instances: "Instances",
    hosts: "Hosts",
    images: "Images",
    networks: "Networks",
    securityGroups: "Security groups",
    sshKeys: "SSH keys",
    sizes: "Sizes",
    operations: "Operations",
    audit: "Audit",
    settings: "Settings",
  },
  frame: {
    skip: "Skip to content",
    openMenu: "Open menu",
    menu: "Menu",
    breadcrumb: "Breadcrumb",
  },
  switcher: {
    label: "Organization: {name}. Switch organization",
    organizations: "Organizations",
    sites: "Sites of {name}",
  },
  denial:
    "You are {role, select, owner {an owner} admin {an admin} operator {an operator} other {a viewer}} of {organization}, which does not include this. Ask an admin there.",
  session: { failed: "Could not load your session", loading: "Loading Indium…" },
  noOrganization: {
    title: "No such organization",
    description: "It does not exist, or you are not a member of it. Ask one of its admins for an invitation.",
    go: "Go to your organization",
  },
  nothingHere: {
    title: "Nothing here",
    description: "The address is wrong, or what it pointed to is gone.",
    go: "Go to Indium",
  },
  broken: {
    title: "This page broke",
    description: "Your hosts and instances are not affected.",
    descriptionLogged: "Your hosts and instances are not affected. The log knows it as {digest}.",
  },
  inNone: {
    title: "You are in no organization",
    description: "Ask an admin of one for an invitation link, then come back.",
  },
  about: "Your own cloud, on your own machines.",
} as const;
