import { LoaderCircle } from "lucide-react";
import { cn } from "./cn";

/** Decoration: say in words beside it what is going on. `className` says how large. */
export function Spinner({ className = "size-4" }: { className?: string }) {
  return <LoaderCircle aria-hidden className={cn("shrink-0 animate-spin", className)} />;
}
