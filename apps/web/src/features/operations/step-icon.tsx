import type { StepState } from "@indium/contract/states";
import { Check, CircleDashed, Minus, X } from "lucide-react";
import { useTranslations } from "use-intl/react";
import { cn } from "@/ui/cn";
import { Spinner } from "@/ui/spinner";

const LOOK: Record<StepState, string> = {
  pending: "text-ink-3",
  running: "text-accent-ink",
  succeeded: "bg-good-soft text-good",
  failed: "bg-bad-soft text-bad",
  skipped: "text-ink-3",
};

function Icon({ state }: { state: StepState }) {
  switch (state) {
    case "pending":
      return <CircleDashed aria-hidden className="size-4" />;
    case "running":
      return <Spinner />;
    case "succeeded":
      return <Check aria-hidden className="size-3" strokeWidth={3} />;
    case "failed":
      return <X aria-hidden className="size-3" strokeWidth={3} />;
    case "skipped":
      return <Minus aria-hidden className="size-3" />;
  }
}

export function StepIcon({ state }: { state: StepState }) {
  const t = useTranslations("operations.stepStates");
  return (
    <span className={cn("relative flex size-5 shrink-0 items-center justify-center rounded-full", LOOK[state])}>
      <Icon state={state} />
      <span className="sr-only">{t(state)}</span>
    </span>
  );
}
