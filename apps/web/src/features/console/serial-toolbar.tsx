"use client";

import { AArrowDown, AArrowUp, Download, Ellipsis, Eraser, Keyboard, RulerDimensionLine, Search } from "lucide-react";
import type { ReactNode } from "react";
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
  const { typing, viewOnly, refusal, fontSize, onFontSize } = props;
  const mayNotType = refusal ?? (viewOnly ? "You are watching; what you type goes nowhere." : null);
  return (
    <div role="toolbar" aria-label="Serial console" className="flex flex-wrap items-center gap-1 border-line border-b px-2 py-1.5">
      {props.leading}
      <Button size="sm" variant="ghost" aria-pressed={typing} disabledReason={mayNotType} onClick={props.onFocus}>
        <Keyboard aria-hidden className={typing ? "text-accent-ink" : ""} />
        <span className="max-sm:sr-only">{viewOnly ? "Watching" : typing ? "Keyboard goes to the port" : "Type into the port"}</span>
      </Button>
      <span className="hidden text-ink-3 text-xs lg:inline">{typing ? "Ctrl Alt Enter gives it back" : ""}</span>
      <span className="ml-auto flex items-center gap-1">
        <IconButton size="iconSm" label="Search (Ctrl F)" onClick={props.onSearch}>
          <Search aria-hidden />
        </IconButton>
        <CopyButton label="Copy the selection, or everything" text={props.textToCopy} />
        {props.onDownload === null ? null : (
          <IconButton size="iconSm" label="Download the log" onClick={props.onDownload}>
            <Download aria-hidden />
          </IconButton>
        )}
        <Menu
          trigger={
            <IconButton size="iconSm" label="More for the serial console">
              <Ellipsis aria-hidden />
            </IconButton>
          }
        >
          <MenuItem icon={<AArrowUp aria-hidden />} onSelect={() => onFontSize(fontSize + 1)}>
            Larger text
          </MenuItem>
          <MenuItem icon={<AArrowDown aria-hidden />} onSelect={() => onFontSize(fontSize - 1)}>
            Smaller text
          </MenuItem>
          <MenuItem icon={<RulerDimensionLine aria-hidden />} disabledReason={mayNotType} onSelect={props.onTellSize}>
            Tell the shell this size (types stty)
          </MenuItem>
          <MenuItem icon={<Eraser aria-hidden />} onSelect={props.onClear}>
            Clear what is shown
          </MenuItem>
        </Menu>
      </span>
    </div>
  );
}
