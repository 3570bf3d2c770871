"use client";

import { useSearchParams } from "next/navigation";
import { useCallback } from "react";

type Changes = Readonly<Record<string, string | null>>;

interface UrlParameters {
  get: (name: string) => string | null;
  /** `push` makes a step that Back undoes; `replace` follows what is being typed. Null or empty takes a parameter away. */
  set: (changes: Changes, how: "push" | "replace") => void;
}

/** The address bar's query as a page's state: reload, Back and a shared link find the same view. No request is made for it. */
export function useUrlParameters(): UrlParameters {
  const parameters = useSearchParams();
  return {
    get: (name) => parameters.get(name),
    set: useCallback((changes, how) => {
      const address = withParameters(window.location, changes);
      if (how === "push") window.history.pushState(null, "", address);
      else window.history.replaceState(null, "", address);
    }, []),
  };
}

export function withParameters(location: { pathname: string; search: string }, changes: Changes): string {
  const next = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes))
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  const query = next.toString();
  return query === "" ? location.pathname : `${location.pathname}?${query}`;
}
