import type { format as source } from "../en/format";
import type { Translation } from "../messages";

export const format: Translation<typeof source> = {
  justNow: "gerade eben",
  bytesOf: "{part} von {whole} {unit}",
  lessThanOnePercent: "< 1 %",
  days: "{count, plural, one {# Tag} other {# Tage}}",
  vcpus: "{count, plural, one {# vCPU} other {# vCPUs}}",
  step: "Schritt {done}",
  stepOf: "Schritt {done} von {total}",
};
