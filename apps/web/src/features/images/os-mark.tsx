import type { ImageView } from "@indium/contract/api/catalogue-views";
import { cn } from "@/ui/cn";

type OperatingSystem = ImageView["operatingSystem"];

/** Our own marks (two letters on the distribution's colour), not the projects' logos. White text holds 4.5:1 on each. */
const MARK: Record<OperatingSystem, { letters: string; colour: string; name: string }> = {
  debian: { letters: "De", colour: "#b3123f", name: "Debian" },
  ubuntu: { letters: "Ub", colour: "#c03f12", name: "Ubuntu" },
  almalinux: { letters: "Al", colour: "#0f5d9e", name: "AlmaLinux" },
  rocky: { letters: "Ro", colour: "#08744f", name: "Rocky Linux" },
  fedora: { letters: "Fe", colour: "#2f559f", name: "Fedora" },
  alpine: { letters: "Ap", colour: "#0c4f78", name: "Alpine" },
  opensuse: { letters: "oS", colour: "#3d7012", name: "openSUSE" },
  tiny: { letters: "Ti", colour: "#5b4fc9", name: "Tiny" },
  other: { letters: "··", colour: "#5a5f6b", name: "Other" },
};

export function OsMark({ operatingSystem, className }: { operatingSystem: OperatingSystem; className?: string }) {
  const mark = MARK[operatingSystem];
  return (
    <span
      aria-hidden
      style={{ backgroundColor: mark.colour }}
      className={cn("flex size-8 shrink-0 items-center justify-center rounded-lg font-semibold text-white text-xs", className)}
    >
      {mark.letters}
    </span>
  );
}
