export const organizations = {
  settings: {
    title: "Settings",
    documentTitle: "{section} · Settings",
    organization: "Organization",
    members: "Members",
    sites: "Sites",
    account: "Your account",
    installation: "Installation",
  },
  general: {
    title: "Organization",
    description: "Who the hosts and instances belong to.",
    nameIt: "Name the organization.",
    about: "About",
    id: "Id",
    copyId: "Copy the organization's id",
    yourRole: "Your role",
    ownMembersOnly: "its own members only",
    isProvider: "Members of {name} have their role in the organizations it manages, too.",
  },
  placement: {
    title: "Placement",
    description: "Which host takes a new instance when nobody chooses one. What is there already stays where it is.",
    label: "Placement of new instances",
    spread: {
      title: "Spread",
      description: "The host with the most free memory: instances get in each other's way the least.",
    },
    pack: {
      title: "Pack",
      description: "The fullest host that still has room: whole hosts stay free for large instances, or for switching off.",
    },
  },
  strategies: {
    spread: "Spread: the host with the most free memory",
    pack: "Pack: the fullest host that still has room",
  },
  asInSettings: {
    spread: "As in the settings: spread: the host with the most free memory",
    pack: "As in the settings: pack: the fullest host that still has room",
  },
  all: {
    title: "Organizations",
    what: "organizations",
    description: "Each sees only its own hosts and instances. A provider's members also work in the organizations it manages.",
    new: "New organization",
    changeManager: "Change who manages {name}",
  },
  create: {
    description: "You become its owner, unless you reach it through its provider already.",
    submit: "Create organization",
    nameFirst: "Name the organization and its first site first.",
    firstSite: "First site",
  },
  manager: {
    title: "Who manages {name}",
    noProvider: "There is no provider yet. Make an organization one first.",
    hint: "Its members have their role here, too.",
    nobody: "Nobody else",
    isProvider: "Is a provider",
    isProviderHint: "It can manage other organizations.",
  },
} as const;
