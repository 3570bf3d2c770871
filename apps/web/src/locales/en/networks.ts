export const networks = {
  title: "Networks",
  what: "networks",
  description:
    "What instances are connected to. Every host has a NAT network of its own. A host's own network is changed only where you ask for a bridge of one of its interfaces.",
  create: "Create network",
  empty: {
    title: "No networks yet",
    description: "The first host brings a NAT network along. Others can be made here.",
  },
  kinds: {
    nat: {
      label: "NAT",
      sentence: "A private network on the host. Instances reach the outside through the host; nobody reaches them from outside.",
    },
    bridge: {
      label: "bridge",
      sentence:
        "Instances stand in the host's own LAN, with addresses from there: by a bridge on the host, or one that it makes of an interface.",
    },
    isolated: {
      label: "isolated",
      sentence: "Instances reach each other and nothing else.",
    },
  },
  states: {
    pending: "Being made",
    ready: "Ready",
    failed: "Failed",
  },
  table: {
    isDefault: "It is the host's own network, which new instances use.",
    inUse: "{count, plural, one {# instance} other {# instances}} use it. Delete or move them first.",
    proving: "The host makes a bridge of {uplink} and proves it, or puts {uplink} back within {seconds} seconds.",
    fromLan: "from the LAN, by {bridge}",
    fromVlan: "from VLAN {vlan}, by {bridge}",
    fromUplink: "from the LAN, by a bridge of {uplink}",
  },
  form: {
    nameFirst: "Give the network a name first.",
    hostFirst: "Add a host first: a network lives on one.",
    wayFirst: "Choose the way to the LAN first.",
    confirmFirst: "Confirm first that a bridge is made of {uplink}.",
    vlanMistake: "A VLAN is a number from 1 to 4094. Leave it empty for the untagged LAN.",
    addresses: "IPv4 addresses",
    addressesHint: "Without one, a free range is chosen.",
    vlanHint: "1 to 4094; empty for the untagged LAN. The guests need no tag of their own.",
  },
  lan: {
    title: "Way to the LAN",
    unknown: "{host} has not said which interfaces it has. Wait until it is online.",
    useBridge: "Use the bridge {name}",
    makeBridge: "Make a bridge of {name}",
    defaultRoute: "default route",
    taken: "{name} is the way of the network {network} to the LAN. Use that network.",
    tooOld: "The agent on this host is too old to make a bridge. Upgrade it, or make the bridge on the machine.",
    noAddresses: "no addresses",
    down: "down",
    changes: "This changes {host}'s own network",
    how: "{host} makes a bridge with the MAC address of {name}, puts {name} into it, and moves {addresses} and its routes onto the bridge.",
    howUnknown:
      "{host} makes a bridge with the MAC address of {name}, puts {name} into it, and moves whatever addresses it has and its routes onto the bridge.",
    back: "Unless its link to Indium and its gateway answer again within {seconds} seconds, it puts everything back by itself, also when its agent dies meanwhile.",
    reboot: "Nothing is written into its configuration: after a reboot the agent makes the bridge again, as carefully.",
    confirm: "Make a bridge of {name} on {host}",
  },
  delete: {
    description: "The network goes from {host}, with its bridge and its rules. No instance is connected to it.",
    descriptionUplink:
      "{host} moves the addresses of its bridge back to {uplink} and removes the bridge. If its link to Indium does not outlive that, it keeps the bridge, says so on its page, and tries again later.",
    confirm: "Delete network",
  },
} as const;
