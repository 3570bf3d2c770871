"use client";

import { Boxes, Plus } from "lucide-react";
import { Alert } from "@/ui/alert";
import { Badge, StateBadge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Meter } from "@/ui/meter";
import { Progress } from "@/ui/progress";
import { Countdown, RelativeTime } from "@/ui/relative-time";
import { Skeleton, SkeletonRows } from "@/ui/skeleton";
import { useToast } from "@/ui/toast";
import type { Tone } from "@/ui/tone";
import { Specimen, Specimens } from "./specimen";

const TONES: readonly Tone[] = ["good", "warn", "bad", "info", "accent", "quiet"];
const TOASTS = ["good", "bad", "info", "busy"] as const;
const ALERTS = ["info", "good", "warn", "bad"] as const;

export function FeedbackGallery({ now }: { now: Date }) {
  const toast = useToast();
  return (
    <Specimens title="Feedback">
      <div className="flex flex-col gap-3">
        {ALERTS.map((tone) => (
          <Alert
            key={tone}
            tone={tone}
            title={`Alert ${tone}`}
            detail={tone === "bad" ? "qemu-system-x86_64: cannot allocate memory" : null}
            action={tone === "bad" ? <Button size="sm">Try again</Button> : undefined}
          >
            What happened, on which host, and what to do next.
          </Alert>
        ))}
      </div>
      <Specimen name="Badge">
        {TONES.map((tone) => (
          <Badge key={tone} tone={tone}>
            {tone}
          </Badge>
        ))}
      </Specimen>
      <Specimen name="StateBadge">
        {TONES.map((tone) => (
          <StateBadge key={tone} tone={tone}>
            {tone}
          </StateBadge>
        ))}
        <StateBadge tone="accent" active>
          under way
        </StateBadge>
      </Specimen>
      <Specimen name="Meter">
        <div className="grid w-full gap-4 sm:grid-cols-3">
          <Meter label="Low" value={0.2} text="3.2 of 16 GiB" />
          <Meter label="High" value={0.96} text="15.4 of 16 GiB" reserved={1.2} />
          <Meter label="Unknown" value={null} text="not measured" />
          <Meter compact label="Compact" value={0.5} text="50 %" />
        </div>
      </Specimen>
      <Specimen name="Progress">
        <div className="grid w-full gap-4 sm:grid-cols-2">
          <Progress label="Downloading" value={0.42} />
          <Progress label="Nobody knows how far" value={null} />
        </div>
      </Specimen>
      <Specimen name="RelativeTime, Countdown">
        <RelativeTime date={new Date(now.getTime() - 90_000)} />
        <RelativeTime date={new Date(now.getTime() - 3 * 86_400_000)} />
        <Countdown until={new Date(now.getTime() + 15 * 60_000)} />
      </Specimen>
      <Specimen name="Skeleton">
        <Skeleton className="h-9 w-40 rounded" />
        <div className="w-full max-w-md">
          <SkeletonRows rows={2} label="Loading an example…" />
        </div>
      </Specimen>
      <EmptyState
        icon={<Boxes aria-hidden />}
        title="No instances yet"
        description="A virtual machine of your own, in under a minute."
        action={
          <Button variant="primary">
            <Plus aria-hidden />
            Create instance
          </Button>
        }
      />
      <Specimen name="Toast">
        {TOASTS.map((tone) => (
          <Button key={tone} onClick={() => toast.show({ tone, title: `Toast ${tone}`, description: "web-1 on lab-1" })}>
            Toast {tone}
          </Button>
        ))}
      </Specimen>
    </Specimens>
  );
}
