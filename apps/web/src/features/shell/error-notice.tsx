"use client";

import type { WireError } from "@indium/contract/errors";
import { RotateCw } from "lucide-react";
import { useTranslations } from "use-intl/react";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { wireErrorOf } from "@/lib/wire-error";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";

interface ErrorNoticeProps {
  title?: string;
  error: unknown;
  onRetry?: () => void;
  className?: string;
}

/** What failed, in the server's own words for people, with the failing program's words folded away. */
export function ErrorNotice({ title, error, onRetry, className }: ErrorNoticeProps) {
  const t = useTranslations("common");
  const wire = wireErrorOf(error);
  return (
    <Alert
      tone="bad"
      title={title}
      detail={wire.detail}
      className={className ?? ""}
      action={
        onRetry ? (
          <Button size="sm" onClick={onRetry}>
            <RotateCw aria-hidden />
            {t("tryAgain")}
          </Button>
        ) : undefined
      }
    >
      <Message english={wire.message} />
    </Alert>
  );
}

/** For an error that came as data (an instance's, an image copy's). */
export function WireErrorNotice({ title, error, className }: { title?: string; error: WireError; className?: string }) {
  return (
    <Alert tone="bad" title={title} detail={error.detail} className={className ?? ""}>
      <Message english={error.message} />
    </Alert>
  );
}

/** In the language of the page where it is one of our own sentences; else as it came, and said to be English. */
function Message({ english }: { english: string }) {
  const words = useKnownWords()(english);
  return <span lang={words === english ? "en" : undefined}>{words}</span>;
}
