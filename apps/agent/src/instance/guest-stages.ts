import type { InstanceRecord } from "../ledger/format";
import { RateLimit } from "../metadata/rate-limit";
import type { GuestEvent } from "../metadata/types";
import type { InstancePorts } from "./ports";
import type { Timeline } from "./timeline";

type StageEvent = Extract<GuestEvent, { kind: "stage" }>;

/**
 * A guest may say anything, as often as it likes, and each new name is a line of the timeline in the centre's database: so no more is
 * told than a cloud-init with every module on would say (about 150 stages a boot, each begun and ended). The centre keeps the
 * newest boots' only.
 */
const MAX_NAMES_PER_BOOT = 300;
const STAGE_REPORTS = { perSecond: 5, burst: 600 };
const MAX_WORDS = 500;
/** Lines of output that are kept at all, and that a failure is shown with. */
const MAX_LINES = 200;
const MAX_LINE = 500;
const LINES_TOLD = 60;
const MAX_OUTPUT = 8_000;
const MAX_OUTPUTS_PER_BOOT = 10;
/** systemd hands its services' lines to the console a little later than cloud-init posts. */
const OUTPUT_DELAY_MS = 2_500;
/** Of the host's clock against the guest's in one stage, before the guest's own figures count as nonsense. */
const CLOCK_SLACK_MS = 60_000;

/**
 * cloud-init's stages and modules, as its webhook reports them, on the timeline; on a failure with what was printed meanwhile. cloud-init
 * itself reports no more than that a module failed (reporting/events.py, ReportEventStack): why stands in its output only, which Debian and
 * others send to the serial port.
 *
 *   start ──▶ running ──finish──▶ succeeded
 *                        └──FAIL──▶ failed ──a moment later──▶ failed, with the output
 */
export class GuestStages {
  readonly #ports: InstancePorts;
  readonly #record: InstanceRecord;
  readonly #timeline: Timeline;
  readonly #readSerial: () => Promise<void>;
  readonly #reports: RateLimit;
  /** `line`: how many lines of output there were when it began. */
  readonly #begun = new Map<string, { readonly since: number; readonly guestTime: number | null; readonly line: number }>();
  #told: { boot: number; names: Set<string>; failed: Set<string>; outputs: number } = newBoot(-1);
  #lines: string[] = [];
  #lineCount = 0;
  #waiting = new AbortController();

  constructor(ports: InstancePorts, record: InstanceRecord, timeline: Timeline, readSerial: () => Promise<void>) {
    this.#ports = ports;
    this.#record = record;
    this.#timeline = timeline;
    this.#readSerial = readSerial;
    this.#reports = new RateLimit({ ...STAGE_REPORTS, now: () => ports.clock.now() });
  }

  /** A new boot: what was printed was of the one before. */
  begin(): void {
    this.release();
    this.#begun.clear();
    this.#lines = [];
  }

  end(message: string): void {
    for (const [name, { since }] of this.#begun) this.#timeline.say(this.#record.boot, `guest:${name}`, "skipped", since, { message });
    this.#begun.clear();
  }

  release(): void {
    this.#waiting.abort();
    this.#waiting = new AbortController();
  }

  onOutput(line: string): void {
    this.#lines.push(line.slice(0, MAX_LINE));
    this.#lineCount += 1;
    if (this.#lines.length > MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES / 2);
  }

  /** @returns the stage's name as it is told; "" for what has none. */
  onEvent(event: StageEvent): string {
    const name = event.name
      .toLowerCase()
      .replaceAll(/[^a-z0-9/_-]+/g, "-")
      .slice(0, 120);
    if (name !== "" && this.#mayTell(name)) this.#tell(name, event);
    return name;
  }

  /** By boot; a guest that reboots for the sake of it is held by the rate. */
  #mayTell(name: string): boolean {
    if (this.#told.boot !== this.#record.boot) this.#told = newBoot(this.#record.boot);
    const { names } = this.#told;
    if (!names.has(name) && names.size >= MAX_NAMES_PER_BOOT) return false;
    if (!this.#reports.take()) return false;
    names.add(name);
    return true;
  }

  #tell(name: string, event: StageEvent): void {
    const now = this.#ports.clock.now();
    const message = event.description.slice(0, MAX_WORDS);
    if (event.phase === "start") {
      this.#begun.set(name, { since: now, guestTime: event.timestamp, line: this.#lineCount });
      this.#timeline.say(this.#record.boot, `guest:${name}`, "running", now, { message });
      return;
    }
    const begun = this.#begun.get(name) ?? { since: now, guestTime: null, line: this.#lineCount };
    this.#begun.delete(name);
    const since = now - this.#tookMs(begun, event, now);
    if (event.result !== "FAIL") {
      this.#timeline.say(this.#record.boot, `guest:${name}`, "succeeded", since, {
        message: event.result === "WARN" ? `Ended with a warning: ${message}` : message,
      });
      return;
    }
    const given = event.detail?.slice(-MAX_OUTPUT) ?? null;
    const why = given === null ? null : reasonIn(given.split("\n"));
    const endedAt = this.#timeline.say(this.#record.boot, `guest:${name}`, "failed", since, {
      message: why?.slice(0, MAX_WORDS) ?? message,
      detail: given,
    });
    this.#told.failed.add(name);
    // A stage fails with its modules: what was printed stands with the module.
    const isTheirs = [...this.#told.failed].some((each) => each.startsWith(`${name}/`));
    if (given !== null || isTheirs || this.#told.outputs >= MAX_OUTPUTS_PER_BOOT) return;
    this.#told.outputs += 1;
    void this.#tellOutput(name, { since, endedAt, line: begun.line, message }, this.#record.boot, this.#waiting.signal);
  }

  /** By the guest's own clock, because its reports queue up; by ours where that makes no sense. */
  #tookMs(begun: { since: number; guestTime: number | null }, event: StageEvent, now: number): number {
    const ours = now - begun.since;
    if (begun.guestTime === null || event.timestamp === null) return ours;
    const theirs = Math.round((event.timestamp - begun.guestTime) * 1_000);
    return theirs >= 0 && Math.abs(theirs - ours) <= CLOCK_SLACK_MS ? theirs : ours;
  }

  async #tellOutput(
    name: string,
    stage: { since: number; endedAt: number | null; line: number; message: string },
    boot: number,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#ports.clock.sleep(OUTPUT_DELAY_MS, signal);
    if (signal.aborted) return;
    await this.#readSerial();
    if (signal.aborted || this.#record.boot !== boot) return;
    const printed = this.#lines.slice(-Math.min(this.#lines.length, this.#lineCount - stage.line, LINES_TOLD));
    if (this.#lineCount === stage.line || printed.length === 0) return;
    this.#timeline.say(boot, `guest:${name}`, "failed", stage.since, {
      message: (reasonIn(printed) ?? stage.message).slice(0, MAX_WORDS),
      detail: printed.join("\n").slice(-MAX_OUTPUT),
      endedAt: stage.endedAt,
    });
  }
}

const newBoot = (boot: number) => ({ boot, names: new Set<string>(), failed: new Set<string>(), outputs: 0 });

/** cloud-init's own words for it: the first warning or error of its log, `… - cc_scripts_user.py[WARNING]: Failed to run …`. */
function reasonIn(lines: readonly string[]): string | null {
  for (const line of lines) {
    const words = /\[(?:WARNING|ERROR|CRITICAL)\]: (.+)$/.exec(line)?.[1];
    if (words !== undefined) return words;
  }
  return null;
}
