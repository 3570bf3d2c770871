"use client";

import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps, MouseEvent } from "react";
import { cn } from "./cn";
import { Spinner } from "./spinner";
import { Tooltip } from "./tooltip";
import { withProps } from "./with-props";

const button = cva(
  "relative inline-flex select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors aria-disabled:cursor-not-allowed aria-disabled:opacity-55 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "bg-accent text-on-accent shadow-card not-aria-disabled:hover:bg-accent-hover",
        secondary: "border border-line bg-surface text-ink shadow-card not-aria-disabled:hover:bg-hover",
        ghost: "text-ink-2 not-aria-disabled:hover:bg-hover not-aria-disabled:hover:text-ink",
        danger: "bg-bad-solid text-on-accent shadow-card not-aria-disabled:hover:bg-bad-solid-hover",
        pressed: "border border-accent bg-accent-soft text-ink shadow-card not-aria-disabled:hover:bg-hover",
        ghostPressed: "bg-accent-soft text-accent-ink not-aria-disabled:hover:bg-hover not-aria-disabled:hover:text-ink",
        dangerQuiet: "border border-line bg-surface text-bad shadow-card not-aria-disabled:hover:bg-bad-soft",
      },
      size: {
        sm: "h-7 shrink-0 px-2.5 text-[0.8125rem] [&_svg]:size-4",
        md: "h-9 shrink-0 px-3.5 text-sm [&_svg]:size-4",
        lg: "h-10 shrink-0 px-5 text-sm [&_svg]:size-4",
        icon: "size-8 shrink-0 [&_svg]:size-4",
        iconSm: "size-7 shrink-0 [&_svg]:size-4",
        /** In a line of text. */
        iconXs: "size-6 shrink-0 [&_svg]:size-3.5",
        /** Beside an input, as high as it. */
        iconLg: "size-9 shrink-0 [&_svg]:size-4",
        /** One of a row that shares a phone's width. */
        key: "h-9 min-w-0 flex-1 px-0.5 text-xs [&_svg]:size-4",
      },
      block: { true: "w-full" },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

export interface ButtonProps extends Omit<ComponentProps<"button">, "disabled">, VariantProps<typeof button> {
  /** Render the one child (a link without looks of its own) with the button's looks. */
  asChild?: boolean;
  loading?: boolean;
  disabled?: boolean;
  /** Why it cannot be pressed. The button stays reachable by keyboard and the sentence shows as its tooltip. */
  disabledReason?: string | null | undefined;
}

export function Button({
  asChild = false,
  loading = false,
  disabled = false,
  disabledReason,
  variant,
  size,
  block,
  className,
  onClick,
  children,
  type = "button",
  ...rest
}: ButtonProps) {
  const classes = cn(button({ variant, size, block }), className);
  if (asChild) return withProps(children, { ...rest, onClick, className: classes });
  const inert = disabled || loading || Boolean(disabledReason);
  const element = (
    <button
      type={type}
      className={classes}
      aria-disabled={inert || undefined}
      aria-busy={loading || undefined}
      onClick={(event: MouseEvent<HTMLButtonElement>) => {
        if (inert) {
          event.preventDefault();
          return;
        }
        onClick?.(event);
      }}
      {...rest}
    >
      {loading ? <Spinner /> : null}
      {children}
    </button>
  );
  return disabledReason ? <Tooltip content={disabledReason}>{element}</Tooltip> : element;
}

interface IconButtonProps extends ButtonProps {
  /** The accessible name; also the tooltip. */
  label: string;
}

export function IconButton({ label, size = "icon", variant = "ghost", disabledReason, ...rest }: IconButtonProps) {
  const inner = <Button aria-label={label} size={size} variant={variant} {...rest} {...(disabledReason ? { disabled: true } : {})} />;
  return <Tooltip content={disabledReason ? `${label}: ${disabledReason}` : label}>{inner}</Tooltip>;
}
