import type { Target } from "./target";
import { GUEST_TARGETS } from "./targets/guest";
import { JOIN_TARGETS } from "./targets/joining";
import { LINK_TARGETS } from "./targets/link";
import { OVERLAY_TARGETS } from "./targets/overlay";
import { RELAY_TARGETS } from "./targets/relays";
import { SIGNED_TARGETS } from "./targets/signed";
import { STORAGE_TARGETS } from "./targets/storage";
import { WEB_TARGETS } from "./targets/web";

/** Every parser on the wire (docs/fuzz.md says of each what it reads). */
export const TARGETS: readonly Target[] = [
  ...GUEST_TARGETS,
  ...SIGNED_TARGETS,
  ...LINK_TARGETS,
  ...JOIN_TARGETS,
  ...OVERLAY_TARGETS,
  ...RELAY_TARGETS,
  ...STORAGE_TARGETS,
  ...WEB_TARGETS,
];
