"use client";

import { Camera, ClipboardType, Keyboard, Maximize, Minimize, Scaling } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import { Menu, MenuRadioGroup } from "@/ui/dropdown-menu";
import { KeyMenu } from "./key-menu";
import type { SpecialKey } from "./special-keys";

export const FITS = ["fit", "actual", "match"] as const;
export type Fit = (typeof FITS)[number];

interface ScreenToolbarProps {
  leading: ReactNode;
  typing: boolean;
  viewOnly: boolean;
  /** Never to be anything else: there is nothing to offer for typing. */
  guest: boolean;
  /** Why there is nobody to send keys to now. */
  refusal: string | null;
  hasPicture: boolean;
  /** What the guest copied last. */
  clipboard: string | null;
  fit: Fit;
  onFit: (fit: Fit) => void;
  fullscreen: boolean;
  onFullscreen: () => void;
  onFocus: () => void;
  onPress: (keys: readonly SpecialKey[]) => void;
  onPaste: () => void;
  onScreenshot: () => void;
  trailing?: ReactNode;
}

export function ScreenToolbar(props: ScreenToolbarProps) {
  const { typing, viewOnly, refusal, fit, fullscreen } = props;
  const mayNotType = refusal ?? (viewOnly ? "You are watching; what you type goes nowhere." : null);
  return (
    <div role="toolbar" aria-label="Console" className="flex flex-wrap items-center gap-1 border-line border-b px-2 py-1.5">
      {props.leading}
      <Button size="sm" variant="ghost" aria-pressed={typing} disabledReason={mayNotType} onClick={props.onFocus}>
        <Keyboard aria-hidden className={typing ? "text-accent-ink" : ""} />
        <span className="max-sm:sr-only">{viewOnly ? "Watching" : typing ? "Keyboard goes to the VM" : "Type into the VM"}</span>
      </Button>
      <span className="hidden text-ink-3 text-xs xl:inline">{typing ? "Ctrl Alt Enter gives it back" : ""}</span>
      <span className="ml-auto flex items-center gap-1">
        {props.guest ? null : (
          <>
            <KeyMenu refusal={mayNotType} onPress={props.onPress} />
            <IconButton size="iconSm" label="Type text into the console" disabledReason={mayNotType} onClick={props.onPaste}>
              <ClipboardType aria-hidden />
            </IconButton>
          </>
        )}
        {props.clipboard === null ? null : <CopyButton label="Copy what the guest copied" text={props.clipboard} />}
        <IconButton
          size="iconSm"
          label="Save a picture of the screen"
          disabledReason={props.hasPicture ? null : "There is no picture yet."}
          onClick={props.onScreenshot}
        >
          <Camera aria-hidden />
        </IconButton>
        <Menu
          trigger={
            <IconButton size="iconSm" label="How the screen is shown">
              <Scaling aria-hidden />
            </IconButton>
          }
        >
          <MenuRadioGroup
            label="How the screen is shown"
            value={fit}
            onValueChange={props.onFit}
            options={[
              { value: "fit", label: "Fit to the window" },
              { value: "actual", label: "At its own size" },
              { value: "match", label: "Ask the guest for the window's size" },
            ]}
          />
        </Menu>
        <IconButton size="iconSm" label={fullscreen ? "Leave full screen" : "Full screen"} onClick={props.onFullscreen}>
          {fullscreen ? <Minimize aria-hidden /> : <Maximize aria-hidden />}
        </IconButton>
        {props.trailing}
      </span>
    </div>
  );
}
