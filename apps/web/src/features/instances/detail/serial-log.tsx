"use client";

import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useEffect, useRef } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/skeleton";
import { stripEscapes } from "./strip-escapes";

const TAIL_BYTES = 32_768;

/** The end of what the guest printed on its serial port; fetched from the host when shown or asked for. */
export function SerialLog({ instanceId }: { instanceId: `i-${string}` }) {
  const trpc = useTRPC();
  const log = useQuery({ ...trpc.instance.serialTail.queryOptions({ instanceId, bytes: TAIL_BYTES }), staleTime: 0 });
  const box = useRef<HTMLPreElement>(null);
  const text = log.data?.text;
  useEffect(() => {
    if (text !== undefined && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  if (log.error) return <ErrorNotice error={log.error} onRetry={() => void log.refetch()} />;
  if (text === undefined) return <Skeleton className="h-40" />;
  return (
    <>
      <pre
        ref={box}
        role="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Serial log"
        className="max-h-[34rem] overflow-auto whitespace-pre-wrap break-all rounded-lg border border-line bg-sunken p-3 font-mono text-xs leading-relaxed"
      >
        {text === "" ? "Nothing has been printed yet." : stripEscapes(text)}
      </pre>
      <Button size="sm" className="mt-2" loading={log.isFetching} onClick={() => void log.refetch()}>
        {log.isFetching ? null : <RotateCw aria-hidden />}
        Read again
      </Button>
    </>
  );
}
