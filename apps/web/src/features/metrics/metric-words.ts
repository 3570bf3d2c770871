import type { useTranslations } from "use-intl/react";

/** For words about measurements that are made outside components. */
export type MetricWords = ReturnType<typeof useTranslations<"metrics">>;
