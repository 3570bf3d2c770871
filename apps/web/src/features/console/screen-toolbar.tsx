"use client";

import { Camera, ClipboardType, Keyboard, Maximize, Minimize, Scaling } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
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
  const t = useTranslations("console");
  const { typing, viewOnly, refusal, fit, fullscreen } = props;
  const mayNotType = refusal ?? (viewOnly ? t("watchingOnly") : null);
  return (
    <div role="toolbar" aria-label={t("screen.toolbar")} className="flex flex-wrap items-center gap-1 border-line border-b px-2 py-1.5">
      {props.leading}
      <Button size="sm" variant="ghost" aria-pressed={typing} disabledReason={mayNotType} onClick={props.onFocus}>
        <Keyboard aria-hidden className={typing ? "text-accent-ink" : ""} />
        <span className="max-sm:sr-only">{t(viewOnly ? "watching" : typing ? "screen.typing" : "screen.type")}</span>
      </Button>
      <span className="hidden text-ink-3 text-xs xl:inline">{typing ? t("givesBack") : ""}</span>
      <span className="ml-auto flex items-center gap-1">
        {props.guest ? null : (
          <>
            <KeyMenu refusal={mayNotType} onPress={props.onPress} />
            <IconButton size="iconSm" label={t("screen.paste")} disabledReason={mayNotType} onClick={props.onPaste}>
              <ClipboardType aria-hidden />
            </IconButton>
          </>
        )}
        {props.clipboard === null ? null : <CopyButton label={t("screen.copyClipboard")} text={props.clipboard} />}
        <IconButton
          size="iconSm"
          label={t("screen.save")}
          disabledReason={props.hasPicture ? null : t("screen.noPicture")}
          onClick={props.onScreenshot}
        >
          <Camera aria-hidden />
        </IconButton>
        <Menu
          trigger={
            <IconButton size="iconSm" label={t("screen.fit")}>
              <Scaling aria-hidden />
            </IconButton>
          }
        >
          <MenuRadioGroup
            label={t("screen.fit")}
            value={fit}
            onValueChange={props.onFit}
            options={FITS.map((value) => ({ value, label: t(`screen.fits.${value}`) }))}
          />
        </Menu>
        <IconButton size="iconSm" label={t(fullscreen ? "screen.leaveFullscreen" : "screen.fullscreen")} onClick={props.onFullscreen}>
          {fullscreen ? <Minimize aria-hidden /> : <Maximize aria-hidden />}
        </IconButton>
        {props.trailing}
      </span>
    </div>
  );
}
