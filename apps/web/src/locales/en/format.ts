export const format = {
  justNow: "just now",
  bytesOf: "{part} of {whole} {unit}",
  lessThanOnePercent: "< 1 %",
  days: "{count, plural, one {# day} other {# days}}",
  vcpus: "{count, plural, one {# vCPU} other {# vCPUs}}",
  step: "step {done}",
  stepOf: "step {done} of {total}",
} as const;
