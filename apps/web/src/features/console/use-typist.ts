"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { useToast } from "@/ui/toast";
import type { Keystroke } from "./keystrokes";
import type { KeySender } from "./special-keys";
import { startTyping } from "./typist";

export interface TypingProgress {
  typed: number;
  total: number;
}

/** Types texts into a console, one at a time. `sender` answers null while it is not connected. */
export function useTypist(sender: () => KeySender | null) {
  const t = useTranslations("console");
  const format = useFormat();
  const toast = useToast();
  const [progress, setProgress] = useState<TypingProgress | null>(null);
  const cancel = useRef<(() => void) | null>(null);
  const current = useRef(sender);
  current.current = sender;
  useEffect(() => () => cancel.current?.(), []);
  const type = useCallback(
    (keys: readonly Keystroke[], intervalMs: number) => {
      cancel.current?.();
      let typed = 0;
      setProgress({ typed, total: keys.length });
      cancel.current = startTyping({
        keys,
        intervalMs,
        sender: () => current.current(),
        onProgress: (now) => {
          typed = now;
          setProgress({ typed: now, total: keys.length });
        },
        onEnd: (result) => {
          cancel.current = null;
          setProgress(null);
          if (result === "lost") {
            const title = t("paste.lost", { typed: format.count(typed), total: format.count(keys.length) });
            toast.show({ tone: "bad", title, description: t("paste.lostHint") });
          }
        },
      });
    },
    [t, format, toast],
  );
  const stop = useCallback(() => cancel.current?.(), []);
  return { progress, type, stop };
}
