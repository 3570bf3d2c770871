"use client";

import { useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { Spinner } from "@/ui/spinner";
import { useLiveConnected } from "./live-provider";

/** A blink of the stream is not worth a word. */
const GRACE_MS = 2_500;

/** Says so when what the page shows may be out of date. */
export function LiveNotice() {
  const t = useTranslations("live");
  const connected = useLiveConnected();
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (connected) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), GRACE_MS);
    return () => clearTimeout(timer);
  }, [connected]);
  return (
    <div role="status" className="empty:hidden">
      {late ? (
        <p className="flex items-center justify-center gap-2 bg-warn-soft px-4 py-1.5 text-center font-medium text-[0.8125rem] text-warn">
          <Spinner className="size-3.5" />
          {t("reconnecting")}
        </p>
      ) : null}
    </div>
  );
}
