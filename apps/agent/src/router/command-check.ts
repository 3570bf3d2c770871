import { SignedCommand } from "@indium/contract/command";
import { AppError } from "@indium/contract/errors";
import type { HostId } from "@indium/contract/ids";
import { openEnvelope } from "@indium/tunnel/envelope";
import { readForeignJson } from "@indium/tunnel/foreign-json";
import { NonceCache } from "@indium/tunnel/nonce-cache";
import type { z } from "zod";

/** As for console tickets: hosts' clocks drift. */
const CLOCK_TOLERANCE_MS = 60_000;

export interface CommandCheckOptions {
  readonly hostId: HostId;
  readonly centrePublicKey: string;
  /** Of the document held now: an older centre's commands are refused. */
  readonly centreEpoch: () => number;
  readonly now: () => number;
}

/** Whether a call was really made by the centre, for this host, this procedure, now, and once. */
export class CommandCheck {
  readonly #options: CommandCheckOptions;
  readonly #seen = new NonceCache(10_000);

  constructor(options: CommandCheckOptions) {
    this.#options = options;
  }

  /**
   * @returns the procedure's input.
   * @throws AppError `signature_invalid`, `forbidden`, `token_expired`, `token_used`, `stale_generation` or `bad_request`.
   */
  take<S extends z.ZodType>(envelope: unknown, procedure: string, input: S): z.output<S> {
    const { hostId, centrePublicKey, centreEpoch, now } = this.#options;
    const command = openEnvelope(envelope, { purpose: "command", publicKeys: [centrePublicKey], schema: SignedCommand });
    if (command.hostId !== hostId) throw new AppError("forbidden", "The command is for another host.");
    if (command.procedure !== procedure) throw new AppError("forbidden", `The command is for ${command.procedure}, not for ${procedure}.`);
    if (command.centreEpoch < centreEpoch())
      throw new AppError("stale_generation", `The command is of epoch ${command.centreEpoch}; this host follows epoch ${centreEpoch()}.`);
    const expiresAt = command.expiresAt + CLOCK_TOLERANCE_MS;
    if (now() >= expiresAt)
      throw new AppError("token_expired", "The command has expired by the host's clock. If this stays, set the host's clock.");
    if (this.#seen.take(command.commandId, expiresAt, now()) !== "fresh")
      throw new AppError("token_used", "The command was carried out before.");
    const parsed = input.safeParse(readForeignJson(command.input));
    if (!parsed.success)
      throw new AppError("bad_request", `The command's input is not understood: ${parsed.error.issues[0]?.message ?? "malformed"}.`);
    return parsed.data;
  }
}
