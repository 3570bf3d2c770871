"use client";

import { Command as Cmdk } from "cmdk";
import { Search } from "lucide-react";
import * as Radix from "radix-ui/dialog";
import type { ReactNode } from "react";
import { Kbd } from "./kbd";
import { Spinner } from "./spinner";
import { useReturnFocus } from "./use-return-focus";

interface CommandDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** For assistive technology. */
  title: string;
  placeholder: string;
  text: string;
  onTextChange: (text: string) => void;
  /** More is still being looked for. */
  searching: boolean;
  /** Shown where nothing is found. */
  nothing: ReactNode;
  footer?: ReactNode;
  children: ReactNode;
}

/** A field and a list under it: typed to narrow it, arrows to choose, Enter to do. What is in the list is the caller's to choose. */
export function CommandDialog(props: CommandDialogProps) {
  const { open, onOpenChange, title, placeholder, text, onTextChange, searching, nothing, footer, children } = props;
  const returnFocus = useReturnFocus(open);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          onCloseAutoFocus={returnFocus}
          className="fixed inset-x-3 top-[8dvh] z-50 mx-auto max-w-xl animate-enter overflow-hidden rounded-xl border border-line bg-raised shadow-pop outline-none"
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          <Cmdk label={title} shouldFilter={false} loop>
            <div className="flex items-center gap-2.5 border-line border-b px-4">
              {searching ? <Spinner className="size-4 text-ink-3" /> : <Search aria-hidden className="size-4 shrink-0 text-ink-3" />}
              <Cmdk.Input
                value={text}
                onValueChange={onTextChange}
                placeholder={placeholder}
                className="h-12 w-full min-w-0 bg-transparent text-base text-ink outline-none placeholder:text-ink-3"
              />
            </div>
            <Cmdk.List className="max-h-[min(26rem,60dvh)] overflow-y-auto p-1.5">
              <Cmdk.Empty className="px-3 py-8 text-center text-ink-2">{nothing}</Cmdk.Empty>
              {children}
            </Cmdk.List>
            {footer ? <div className="border-line border-t bg-sunken px-4 py-2 text-ink-3 text-xs max-sm:hidden">{footer}</div> : null}
          </Cmdk>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function CommandGroup({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Cmdk.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:text-xs"
    >
      {children}
    </Cmdk.Group>
  );
}

interface CommandItemProps {
  /** Of its own in the whole list. */
  value: string;
  icon?: ReactNode;
  about?: ReactNode;
  keys?: readonly string[] | undefined;
  /** Why it cannot be done now: it stays in the list, says so, and does nothing. */
  denial?: string | null | undefined;
  onSelect: () => void;
  children: ReactNode;
}

export function CommandItem({ value, icon, about, keys, denial = null, onSelect, children }: CommandItemProps) {
  const refused = denial !== null;
  return (
    <Cmdk.Item
      value={value}
      data-refused={refused || undefined}
      onSelect={() => {
        if (!refused) onSelect();
      }}
      className="flex min-h-9 cursor-pointer select-none items-center gap-2.5 rounded-md px-2.5 py-1.5 text-ink data-[refused]:cursor-not-allowed data-[selected=true]:bg-hover max-sm:min-h-11 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-3"
    >
      {icon}
      <span className="min-w-0 flex-1">
        <span className={refused ? "block truncate text-ink-3" : "block truncate"}>{children}</span>
        {refused ? <span className="block text-ink-3 text-xs leading-snug">{denial}</span> : null}
      </span>
      {about ? <span className="min-w-0 truncate text-ink-3 text-xs">{about}</span> : null}
      {keys === undefined ? null : <Kbd keys={keys} />}
    </Cmdk.Item>
  );
}
