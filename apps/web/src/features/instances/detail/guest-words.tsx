import { useTranslations } from "use-intl/react";

/** What a guest said, shown as such: it may be wrong, or a lie. */
export function GuestWords({ message, detail, open = false }: { message: string | null; detail: string | null; open?: boolean }) {
  const t = useTranslations("instancesTimeline");
  return (
    <>
      {message ? (
        <p className="break-words text-[0.8125rem] text-ink-2">{t.rich("guestSays", { message, q: (words) => <q>{words}</q> })}</p>
      ) : null}
      {detail ? (
        <details open={open ? true : undefined} className="mt-1">
          <summary className="w-fit rounded text-[0.8125rem] text-ink-2 hover:underline">{t("guestPrinted")}</summary>
          <section
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
            tabIndex={0}
            aria-label={t("guestPrinted")}
            className="mt-1.5 max-h-64 overflow-auto rounded-md border border-line bg-sunken p-3"
          >
            <pre className="whitespace-pre-wrap break-words font-mono text-ink text-xs">{detail}</pre>
          </section>
        </details>
      ) : null}
    </>
  );
}
