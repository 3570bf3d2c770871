import type { GuestFindingKind, KeptScreen } from "@indium/contract/guest-finding";

interface Words {
  readonly title: string;
  /** What it means, and what to do next. */
  readonly next: string;
}

export const FINDING_WORDS: Record<GuestFindingKind, Words> = {
  kernel_panic: {
    title: "Its kernel panicked",
    next: "The lines name the place. Reset it to try again; if it panics at each boot, choose an older kernel in the boot menu on its console.",
  },
  init_killed: {
    title: "Its first process ended, and the kernel with it",
    next: "Its root file system or its initramfs is damaged or was not found. Read the lines before, then look at its console; create it anew if nothing on it is needed.",
  },
  out_of_memory: {
    title: "It ran out of memory",
    next: "The kernel ended the process that the lines name. Restart what is missing, and choose a larger size if it happens again.",
  },
  emergency_mode: {
    title: "It stopped in emergency mode while booting",
    next: "A file system could not be mounted, most often for a line in /etc/fstab. Open its console, log in as root, mend it, and press Control-D.",
  },
  boot_loader: {
    title: "It stopped in the boot loader",
    next: "GRUB did not find its files or its configuration. Look at its console; create it anew if nothing on it is needed.",
  },
  no_boot_device: {
    title: "It found nothing to boot from",
    next: "Its disk has no boot loader for its firmware. Check that the image is meant for BIOS or UEFI, whichever it says under Overview.",
  },
};

export const SCREEN_WORDS: Record<KeptScreen["why"], string> = {
  finding: "Its screen then",
  crashed: "Its last screen before it crashed",
  guest_stopped: "Its last screen before it shut itself down",
};
