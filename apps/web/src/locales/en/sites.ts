export const sites = {
  title: "Sites",
  what: "sites",
  description: "Places where hosts stand.",
  new: "New site",
  create: "Create site",
  nameFirst: "Give it a new name first.",
  hostsStandHere: "{count, plural, one {# host} other {# hosts}} stand here. Remove them first.",
  empty: {
    title: "No sites yet",
    description: "A host needs a place: an office, a cellar, a data centre.",
  },
  delete: {
    description: "No host stands there any more. Install commands made for it stop working.",
    confirm: "Delete site",
  },
} as const;
