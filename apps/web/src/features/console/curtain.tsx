"use client";

import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/ui/button";
import { Spinner } from "@/ui/spinner";
import type { ConsoleState } from "./console-policy";

interface CurtainProps {
  state: ConsoleState;
  sentence: ReactNode;
  onAgain: () => void;
}

/** What stands in front of a console that is not connected. */
export function Curtain({ state, sentence, onAgain }: CurtainProps) {
  const t = useTranslations("console");
  return (
    <div className="pointer-events-none absolute inset-0 flex flex-col items-center justify-center gap-3 p-6 text-center text-[#e8e8ee]">
      <p role="status" className="flex max-w-md items-center gap-2.5 text-balance rounded-lg bg-[#0b0b0f]/85 px-3.5 py-2">
        {state === "connecting" || state === "waiting" ? <Spinner /> : null}
        <span>{sentence}</span>
      </p>
      {state === "ended" || state === "waiting" ? (
        <Button size="sm" className="pointer-events-auto" onClick={onAgain}>
          {t("again")}
        </Button>
      ) : null}
    </div>
  );
}
