import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { parseTheme, THEME_COOKIE } from "@/features/shell/theme";
import { EarlyInput } from "@/lib/early-input/early-input";
import { EARLY_INPUT_SCRIPT } from "@/lib/early-input/early-input-script";
import { knownWords, someMessages } from "@/lib/i18n/compiled-messages";
import { LocaleProvider } from "@/lib/i18n/locale-provider";
import { requestLocale, requestTranslator } from "@/lib/i18n/request-locale";
import { ROOT_ROOMS } from "@/lib/i18n/rooms";
import { ApiProvider } from "@/lib/trpc";
import { ToastProvider } from "@/ui/toast";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Indium", template: "%s · Indium" },
  icons: { icon: "/icon.svg" },
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fafafb" },
    { media: "(prefers-color-scheme: dark)", color: "#0d0d10" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = parseTheme((await cookies()).get(THEME_COOKIE)?.value);
  const locale = await requestLocale();
  const t = await requestTranslator();
  return (
    <html
      lang={locale}
      className={`${GeistSans.variable} ${GeistMono.variable} ${theme === "system" ? "" : theme}`}
      suppressHydrationWarning
    >
      <head>
        <meta name="description" content={t("shell.about")} />
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours. */}
        <script dangerouslySetInnerHTML={{ __html: EARLY_INPUT_SCRIPT }} />
      </head>
      <body>
        <LocaleProvider locale={locale} messages={someMessages(locale, ROOT_ROOMS)} known={knownWords(locale)}>
          <ApiProvider>
            <ToastProvider>{children}</ToastProvider>
            <EarlyInput />
          </ApiProvider>
        </LocaleProvider>
      </body>
    </html>
  );
}
