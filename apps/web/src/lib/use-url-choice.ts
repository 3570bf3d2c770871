import { useCallback } from "react";
import { useUrlParameters } from "./url-parameters";

/**
 * A choice of a page that stands in the address bar under `key`. The first of `choices` is the default and is left out of the address;
 * anything else there counts as the default.
 */
export function useUrlChoice<const C extends string>(key: string, choices: readonly [C, ...C[]]): [C, (next: C) => void] {
  const { get, set } = useUrlParameters();
  const found = get(key);
  const [normal] = choices;
  const choose = useCallback((next: C) => set({ [key]: next === normal ? null : next }, "push"), [key, normal, set]);
  return [choices.find((choice) => choice === found) ?? normal, choose];
}
