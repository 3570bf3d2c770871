"use client";

import { AArrowDown, AArrowUp, Download, Ellipsis, Eraser, Keyboard, RulerDimensionLine, Search } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { Button, IconButton } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import { Menu, MenuItem } from "@/ui/dropdown-menu";

interface SerialToolbarProps {
  leading: ReactNode;
  typing: boolean;
  viewOnly: boolean;
  /** Why nothing can be typed now. */
  refusal: string | null;
  onFocus: () => void;
  onSearch: () => void;
  textToCopy: () => string;
  onDownload: (() => void) | null;
  fontSize: number;
  onFontSize: (size: number) => void;
  onTellSize: () => void;
  onClear: () => void;
}

export function SerialToolbar(props: SerialToolbarProps) {
  const t = useTranslations("console");
  const { typing, viewOnly, refusal, fontSize, onFontSize } = props;
  const mayNotType = refusal ?? (viewOnly ? t("watchingOnly") : null);
  return (
    <div role="toolbar" aria-label={t("serial.title")} className="flex flex-wrap items-center gap-1 border-line border-b px-2 py-1.5">
      {props.leading}
      <Button size="sm" variant="ghost" aria-pressed={typing} disabledReason={mayNotType} onClick={props.onFocus}>
        <Keyboard aria-hidden className={typing ? "text-accent-ink" : ""} />
        <span className="max-sm:sr-only">{t(viewOnly ? "watching" : typing ? "serial.typing" : "serial.type")}</span>
      </Button>
      <span className="hidden text-ink-3 text-xs lg:inline">{typing ? t("givesBack") : ""}</span>
      <span className="ml-auto flex items-center gap-1">
        <IconButton size="iconSm" label={t("serial.search")} onClick={props.onSearch}>
          <Search aria-hidden />
        </IconButton>
        <CopyButton label={t("serial.copy")} text={props.textToCopy} />
        {props.onDownload === null ? null : (
          <IconButton size="iconSm" label={t("serial.download")} onClick={props.onDownload}>
            <Download aria-hidden />
          </IconButton>
        )}
        <Menu
          trigger={
            <IconButton size="iconSm" label={t("serial.more")}>
              <Ellipsis aria-hidden />
            </IconButton>
          }
        >
          <MenuItem icon={<AArrowUp aria-hidden />} onSelect={() => onFontSize(fontSize + 1)}>
            {t("serial.larger")}
          </MenuItem>
          <MenuItem icon={<AArrowDown aria-hidden />} onSelect={() => onFontSize(fontSize - 1)}>
            {t("serial.smaller")}
          </MenuItem>
          <MenuItem icon={<RulerDimensionLine aria-hidden />} disabledReason={mayNotType} onSelect={props.onTellSize}>
            {t("serial.tellSize")}
          </MenuItem>
          <MenuItem icon={<Eraser aria-hidden />} onSelect={props.onClear}>
            {t("serial.clear")}
          </MenuItem>
        </Menu>
      </span>
    </div>
  );
}
