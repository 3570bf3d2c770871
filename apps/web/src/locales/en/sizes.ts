export const sizes = {
  title: "Sizes",
  /** Said in "Loading sizes", "No sizes". */
  what: "sizes",
  description: "How many processors, how much memory and what disk a new instance is given.",
  adminOnly: "Only an administrator of this installation may change its sizes.",
  add: {
    vcpus: "vCPUs",
    title: "Add size",
    description: "Every organization can make instances with it.",
    memory: "Memory (GiB)",
    disk: "Disk (GiB)",
    placeholder: "medium",
    giveNumber: "Give a number.",
  },
  delete: {
    description:
      "New instances can no longer be made with it, in any organization. Those that were keep their processors, memory and disk.",
    confirm: "Delete size",
  },
} as const;
