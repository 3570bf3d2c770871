import { Button } from "@/ui/button";
import { Progress } from "@/ui/progress";
import type { TypingProgress } from "./use-typist";

export function TypingStrip({ progress, onStop }: { progress: TypingProgress; onStop: () => void }) {
  return (
    <div className="flex items-center gap-3 border-line border-b px-3 py-1.5 text-[0.8125rem] text-ink-2">
      <span className="whitespace-nowrap tabular-nums">
        Typing {progress.typed} of {progress.total}
      </span>
      <Progress className="flex-1" label="Typing the text" value={progress.total === 0 ? 0 : progress.typed / progress.total} />
      <Button size="sm" onClick={onStop}>
        Stop typing
      </Button>
    </div>
  );
}
