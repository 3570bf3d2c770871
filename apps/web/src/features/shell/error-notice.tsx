"use client";

import type { WireError } from "@indium/contract/errors";
import { RotateCw } from "lucide-react";
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
            Try again
          </Button>
        ) : undefined
      }
    >
      {wire.message}
    </Alert>
  );
}

/** For an error that came as data (an instance's, an image copy's). */
export function WireErrorNotice({ title, error, className }: { title?: string; error: WireError; className?: string }) {
  return (
    <Alert tone="bad" title={title} detail={error.detail} className={className ?? ""}>
      {error.message}
    </Alert>
  );
}
