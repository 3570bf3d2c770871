/** One action on many instances. */
export const instancesBulk = {
  bar: {
    label: "Selected instances",
    selected: "{count} selected",
    selectAll: "Select all {count} shown",
    clear: "Clear selection",
  },
  names: { two: "{first} and {last}", more: "{names} and {count} more" },
  act: {
    start: "Start {count, plural, one {# instance} other {# instances}}",
    stop: "Stop {count, plural, one {# instance} other {# instances}}",
    reboot: "Reboot {count, plural, one {# instance} other {# instances}}",
    delete: "Delete {count, plural, one {# instance} other {# instances}}",
  },
  ask: {
    stop: {
      one: "Stop {name}?",
      many: "Stop {count, plural, one {# instance} other {# instances}}?",
      consequence: "Each guest is asked to shut down; one that has not after 90 seconds is stopped by force. Disks stay.",
    },
    reboot: {
      one: "Reboot {name}?",
      many: "Reboot {count, plural, one {# instance} other {# instances}}?",
      consequence: "Each guest is asked to restart. What they serve is away meanwhile.",
    },
    delete: {
      one: "Delete {name}?",
      many: "Delete {count, plural, one {# instance} other {# instances}}?",
      consequence: "The instances, their disks with everything on them, and their addresses go for good. Nobody can bring them back.",
    },
  },
  /** What a person types before many are deleted. */
  typeToDelete: "delete {count}",
  leftAlone: "Left alone",
  countLeftAlone: "{count, plural, one {# instance} other {# instances}} left alone",
  sendNoMore: "Send no more",
  summary: {
    start: "{done} of {total} started",
    stop: "{done} of {total} stopped",
    reboot: "{done} of {total} rebooted",
    delete: "{done} of {total} deleted",
    underWay: "{count} under way",
    failed: "{count} not",
    skipped: "{count} not asked for",
  },
  results: "Results",
  queued: "Queued",
  skipped: "Not asked for",
  refused: "Refused",
  waiting: "Waiting",
  failed: "Failed",
  cancelled: "Cancelled",
  doing: { start: "Starting", stop: "Stopping", reboot: "Rebooting", delete: "Deleting" },
  done: { start: "Started", stop: "Stopped", reboot: "Rebooted", delete: "Deleted" },
} as const;
