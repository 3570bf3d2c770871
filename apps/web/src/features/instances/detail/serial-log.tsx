"use client";

import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/skeleton";
import { stripEscapes } from "./strip-escapes";

const TAIL_BYTES = 32_768;

/** The end of what the guest printed on its serial port; fetched from the host when opened or asked for. */
export function SerialLog({ instanceId }: { instanceId: `i-${string}` }) {
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const log = useQuery({ ...trpc.instance.serialTail.queryOptions({ instanceId, bytes: TAIL_BYTES }), enabled: open, staleTime: 0 });
  const box = useRef<HTMLPreElement>(null);
  const text = log.data?.text;
  useEffect(() => {
    if (text !== undefined && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit rounded font-medium hover:underline">Serial log</summary>
      <div className="mt-3">
        {log.error ? (
          <ErrorNotice error={log.error} onRetry={() => void log.refetch()} />
        ) : text === undefined ? (
          <Skeleton className="h-40" />
        ) : (
          <>
            <pre
              ref={box}
              role="log"
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
              tabIndex={0}
              aria-label="Serial log"
              className="max-h-96 overflow-auto whitespace-pre-wrap break-all rounded-lg border border-line bg-sunken p-3 font-mono text-xs leading-relaxed"
            >
              {text === "" ? "Nothing has been printed yet." : stripEscapes(text)}
            </pre>
            <Button size="sm" className="mt-2" loading={log.isFetching} onClick={() => void log.refetch()}>
              {log.isFetching ? null : <RotateCw aria-hidden />}
              Read again
            </Button>
          </>
        )}
      </div>
    </details>
  );
}
