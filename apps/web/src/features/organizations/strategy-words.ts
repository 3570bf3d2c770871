import type { PlacementStrategy } from "@indium/contract/states";

export const STRATEGY: Record<PlacementStrategy, string> = {
  spread: "Spread: the host with the most free memory",
  pack: "Pack: the fullest host that still has room",
};
