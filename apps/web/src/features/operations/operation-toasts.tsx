"use client";

import type { OperationId } from "@indium/contract/ids";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { componentOnDemand } from "@/ui/on-demand";

const FollowedOperation = componentOnDemand(() => import("./followed-operation").then((module) => module.FollowedOperation));

const FollowContext = createContext<((id: OperationId) => void) | null>(null);

/** Follow an operation that the user just started: a toast that says how it goes and how it ended, on whatever page they are. */
export function useFollowOperation(): (id: OperationId) => void {
  const follow = useContext(FollowContext);
  if (follow === null) throw new Error("this component belongs inside OperationToasts");
  return follow;
}

export function OperationToasts({ children }: { children: ReactNode }) {
  const [followed, setFollowed] = useState<readonly OperationId[]>([]);
  const follow = useCallback((id: OperationId) => setFollowed((ids) => (ids.includes(id) ? ids : [...ids, id])), []);
  const forget = useCallback((id: OperationId) => setFollowed((ids) => ids.filter((each) => each !== id)), []);
  return (
    <FollowContext.Provider value={follow}>
      {children}
      {followed.map((id) => (
        <FollowedOperation key={id} id={id} onEnd={forget} />
      ))}
    </FollowContext.Provider>
  );
}
