import { formatBytes } from "../storage/free-space";
import type { Checkup, Surroundings } from "./checkup";

const WIDTH = 80;
const LABEL = 11;
const SKEW_WORTH_SAYING_MS = 2_000;
/** Signed commands and tickets allow a minute. */
const SKEW_THAT_HURTS_MS = 50_000;
const TROUBLES_SHOWN = 12;

/** For a technician on the phone: 80 columns, plain text, what matters first. */
export function printCheckup(checkup: Checkup, around: Surroundings): string {
  const { host, agent, link, document } = checkup;
  const ago = (at: number): string => since(checkup.at - at);
  const lines: string[] = [
    ...wrap(`Indium agent ${agent.version} on ${host.name}${host.id === null ? "" : ` (${host.id})`}`, 0),
    ...row("Answer", answerWords(checkup, around)),
    ...row("Dashboard", host.dashboard ?? "none: not enrolled"),
    ...row(
      "Link",
      `${link.state === "unknown" ? "unknown" : link.state}: ${link.words}${link.since === null ? "" : `; since ${ago(link.since)}`}`,
    ),
    ...(checkup.path === null ? [] : row("Way", checkup.path)),
    ...row("Clock", clockWords(around.clock)),
    ...row(
      "Document",
      document === null ? "none yet" : `epoch ${document.centreEpoch}, generation ${document.generation}, ledger ${document.ledgerId}`,
    ),
    ...(checkup.reportsWaiting === null ? [] : row("Reports", `${checkup.reportsWaiting} waiting to be sent`)),
    ...(checkup.acceleration === null
      ? []
      : row(
          "KVM",
          `${checkup.acceleration.kind === "kvm" ? "used" : `not used (${checkup.acceleration.kind})`}${checkup.acceleration.reason === null ? "" : `: ${checkup.acceleration.reason}`}`,
        )),
    ...row(
      "Disk",
      around.storage.freeBytes === null
        ? `${around.storage.path} cannot be looked at`
        : `${formatBytes(around.storage.freeBytes)} free at ${around.storage.path}`,
    ),
    ...(checkup.lastPlan === null
      ? []
      : row(
          "Last plan",
          `${checkup.lastPlan.steps.length === 0 ? "nothing to do" : checkup.lastPlan.steps.join(", ")}, ${ago(checkup.lastPlan.at)} ago`,
        )),
  ];
  if (checkup.instances.length === 0) lines.push("", "No instances.");
  for (const instance of checkup.instances) lines.push("", ...instanceLines(instance, ago));
  lines.push("", checkup.troubles.length === 0 ? "No warnings since the agent's start." : "Last warnings and errors:");
  for (const trouble of checkup.troubles.slice(-TROUBLES_SHOWN))
    lines.push(...wrap(`${ago(trouble.at)} ago, ${trouble.level}: ${trouble.text}`, 2));
  return `${lines.join("\n")}\n`;
}

function answerWords(checkup: Checkup, around: Surroundings): string {
  if (checkup.source === "agent") {
    const { pid, startedAt } = checkup.agent;
    return `from the running agent (process ${pid ?? "?"}${startedAt === null ? "" : `, up ${since(checkup.at - startedAt)}`})`;
  }
  return `FROM DISK ONLY. ${around.agentSilent ?? ""} What VMs do now is not known here; they run on without the agent. See: journalctl -u indium-agent -n 50`;
}

function clockWords(clock: Surroundings["clock"]): string {
  if ("unknown" in clock) return `not compared: ${clock.unknown}`;
  const size = Math.abs(clock.aheadMs);
  if (size < SKEW_WORTH_SAYING_MS) return "agrees with the dashboard's";
  const words = `${since(size)} ${clock.aheadMs > 0 ? "ahead of" : "behind"} the dashboard's`;
  return size < SKEW_THAT_HURTS_MS ? words : `${words.toUpperCase()}: consoles and commands are refused. Set it right.`;
}

function instanceLines(instance: Checkup["instances"][number], ago: (at: number) => string): string[] {
  const done = instance.appliedGeneration === instance.generation ? "" : " (NOT YET CARRIED OUT)";
  return [
    ...wrap(`${instance.name}  ${instance.id}`, 0),
    ...row("Desired", `${instance.desired}, generation ${instance.generation}`),
    ...row(
      "Observed",
      `${instance.observed ?? "unknown"}, applied ${instance.appliedGeneration}${done}, observation ${instance.observedGeneration}, boot ${instance.boot}${instance.pid === null ? "" : `, process ${instance.pid}`}`,
    ),
    ...(instance.lastPlan === null ? [] : row("Last plan", `${instance.lastPlan.what}, ${ago(instance.lastPlan.at)} ago`)),
    ...(instance.error === null ? [] : row("Error", instance.error)),
    ...(instance.findings.length === 0 ? [] : row("Hangs?", instance.findings.join(", ").replaceAll("_", " "))),
    ...instance.nics.flatMap((nic) => [
      ...row("NIC", [nic.id, nic.macAddress, ...nic.addresses].join("  ")),
      ...(nic.counters === null ? [] : row("", counterWords(nic.counters))),
    ]),
  ];
}

function counterWords(counters: Record<string, { packets: number; bytes: number }>): string {
  const counted = Object.entries(counters).filter(([, { packets }]) => packets > 0);
  if (counted.length === 0) return "its rules have counted nothing";
  return counted.map(([name, { packets, bytes }]) => `${name} ${packets} (${formatBytes(bytes)})`).join(", ");
}

function row(label: string, text: string): string[] {
  return wrap(text, LABEL).map((line, index) => (index === 0 ? `${`  ${label}`.padEnd(LABEL)}${line.trimStart()}` : line));
}

/** At blanks; a word that is longer than a line is cut. */
function wrap(text: string, indent: number): string[] {
  const room = WIDTH - indent;
  const lines: string[] = [];
  let line = "";
  for (const word of plain(text)
    .split(" ")
    .flatMap((each) => pieces(each, room))) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => " ".repeat(indent) + each);
}

const pieces = (word: string, room: number): string[] =>
  word.length <= room ? [word] : (word.match(new RegExp(`.{1,${room}}`, "gu")) ?? []);

/** Errors carry programs' own words: nothing of them may steer the terminal. */
function plain(text: string): string {
  return Array.from(text, (character) => (character < " " || (character >= "\u007f" && character <= "\u009f") ? " " : character)).join("");
}

function since(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
