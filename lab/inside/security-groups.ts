import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import "../../apps/agent/src/network/security-groups.integration.test";
import { BRIDGE_CONNTRACK_CHECK } from "../../apps/agent/src/network/bridge-filter";

/**
 * The security groups' own tests, with the kernel's connection tracking on bridges. Where a kernel has none, as in most places that these
 * tests run, the agent remembers flows itself: the other half of security-rules.ts.
 */
test("this kernel tracks connections on bridges", () => {
  assert.doesNotThrow(() => execFileSync("nft", [...BRIDGE_CONNTRACK_CHECK]));
});
