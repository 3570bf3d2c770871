import type { ReactNode } from "react";
import { someMessages } from "./compiled-messages";
import { MoreWords } from "./locale-provider";
import { requestLocale } from "./request-locale";
import type { Room } from "./rooms";

/**
 * The words of a page or layout beside those of the layouts around it, so that no document carries a whole language. Which rooms of the
 * language files they are is read from what its components, also those that come on demand, ask `useTranslations` for: words.test.ts says it.
 */
export async function Words({ rooms, children }: { rooms: readonly Room[]; children: ReactNode }) {
  return <MoreWords messages={someMessages(await requestLocale(), rooms)}>{children}</MoreWords>;
}
