import type { BulkAction } from "@indium/contract/api/instance-views";

interface BulkWords {
  /** "Stop 3 instances?" */
  question: (what: string) => string;
  /** What it means for the guests; null: nothing of theirs is at stake, and it is not asked. */
  consequence: string | null;
  /** "3 stopped" */
  done: string;
  doing: string;
}

export const BULK_WORDS: Record<BulkAction, BulkWords> = {
  start: { question: (what) => `Start ${what}?`, consequence: null, doing: "Starting", done: "started" },
  stop: {
    question: (what) => `Stop ${what}?`,
    consequence: "Each guest is asked to shut down; one that has not after 90 seconds is stopped by force. Disks stay.",
    doing: "Stopping",
    done: "stopped",
  },
  reboot: {
    question: (what) => `Reboot ${what}?`,
    consequence: "Each guest is asked to restart. What they serve is away meanwhile.",
    doing: "Rebooting",
    done: "rebooted",
  },
  delete: {
    question: (what) => `Delete ${what}?`,
    consequence: "The instances, their disks with everything on them, and their addresses go for good. Nobody can bring them back.",
    doing: "Deleting",
    done: "deleted",
  },
};
