import { z } from "zod";

/** What can be told from outside of a guest that does not go on. Recognised by `agent/instance/serial-scan.ts`. */
export const GuestFindingKind = z.enum(["kernel_panic", "init_killed", "out_of_memory", "emergency_mode", "boot_loader", "no_boot_device"]);
export type GuestFindingKind = z.infer<typeof GuestFindingKind>;

export const MAX_FINDINGS = 4;

/**
 * Something of that kind, with the lines around it. They are the guest's own words and prove nothing: whoever may write to its console
 * can write them. Kept until the next boot that goes well.
 */
export const GuestFinding = z.object({
  kind: GuestFindingKind,
  /** When the host saw it first, ms since the epoch. */
  at: z.number().int().positive(),
  boot: z.number().int().min(0),
  /** Lines of the serial log without control characters; empty when only QEMU's panic device told of it. */
  excerpt: z.string().max(4_000),
});
export type GuestFinding = z.infer<typeof GuestFinding>;

/** The picture that is kept on the host when a VM stops that nobody stopped. Fetched by `instance.lastScreen`. */
export const KeptScreen = z.object({
  /** When it was taken, ms since the epoch: up to a minute before the end of a QEMU that was killed. */
  at: z.number().int().positive(),
  boot: z.number().int().min(0),
  why: z.enum(["finding", "crashed", "guest_stopped"]),
});
export type KeptScreen = z.infer<typeof KeptScreen>;
