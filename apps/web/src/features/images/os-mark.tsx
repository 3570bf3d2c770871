import type { ImageView } from "@indium/contract/api/catalogue-views";
import { cn } from "@/ui/cn";

type OperatingSystem = ImageView["operatingSystem"];

/** Our own marks (two letters on the distribution's colour), not the projects' logos. White text holds 4.5:1 on each. */
const MARK: Record<OperatingSystem, { letters: string; colour: string }> = {
  debian: { letters: "De", colour: "#b3123f" },
  ubuntu: { letters: "Ub", colour: "#c03f12" },
  almalinux: { letters: "Al", colour: "#0f5d9e" },
  rocky: { letters: "Ro", colour: "#08744f" },
  fedora: { letters: "Fe", colour: "#2f559f" },
  alpine: { letters: "Ap", colour: "#0c4f78" },
  opensuse: { letters: "oS", colour: "#3d7012" },
  tiny: { letters: "Ti", colour: "#5b4fc9" },
  other: { letters: "··", colour: "#5a5f6b" },
};

export function OsMark({ operatingSystem, large = false }: { operatingSystem: OperatingSystem; large?: boolean }) {
  const mark = MARK[operatingSystem];
  return (
    <span
      aria-hidden
      style={{ backgroundColor: mark.colour }}
      className={cn("flex shrink-0 items-center justify-center rounded-lg font-semibold text-white text-xs", large ? "size-9" : "size-8")}
    >
      {mark.letters}
    </span>
  );
}
