import type { ReactNode } from "react";
import { Logo } from "@/features/shell/logo";
import { cn } from "@/ui/cn";
import { LanguageChoice } from "./language-choice";

interface PublicFrameProps {
  title: string;
  description?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** The frame of the pages before one is in: set-up, sign-in, invitations. */
export function PublicFrame({ title, description, wide = false, children }: PublicFrameProps) {
  return (
    <main className="flex min-h-dvh flex-col items-center px-4 pt-[12vh] pb-12">
      <div className={cn("w-full", wide ? "max-w-xl" : "max-w-sm")}>
        <div className="mb-6 flex items-center gap-2.5">
          <Logo className="size-8" />
          <span className="font-semibold text-base text-ink tracking-tight">Indium</span>
        </div>
        <h1 className="text-balance font-semibold text-ink text-xl tracking-tight">{title}</h1>
        {description ? <div className="mt-1 text-pretty text-ink-2">{description}</div> : null}
        <div className="mt-6">{children}</div>
        <LanguageChoice />
      </div>
    </main>
  );
}
