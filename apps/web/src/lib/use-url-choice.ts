import { usePathname, useSearchParams } from "next/navigation";
import { useCallback } from "react";

/**
 * A choice of a page that stands in the address bar under `key`, so that reload, back and a shared link find it. The
 * first of `choices` is the default and is left out of the address; anything else there counts as the default.
 */
export function useUrlChoice<const C extends string>(key: string, choices: readonly [C, ...C[]]): [C, (next: C) => void] {
  const pathname = usePathname();
  const parameters = useSearchParams();
  const found = parameters.get(key);
  const value = choices.find((choice) => choice === found) ?? choices[0];
  const choose = useCallback(
    (next: C) => {
      const query = new URLSearchParams(parameters);
      if (next === choices[0]) query.delete(key);
      else query.set(key, next);
      // The router's own navigation would ask the server for a page that is here already.
      window.history.pushState(null, "", query.size === 0 ? pathname : `${pathname}?${query}`);
    },
    [key, choices, parameters, pathname],
  );
  return [value, choose];
}
