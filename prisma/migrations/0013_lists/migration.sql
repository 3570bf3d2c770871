-- What long lists are narrowed down by and searched for.

-- tags @> '{"env": "production"}' and tags ? 'env', of what is not deleted.
CREATE INDEX "Instance_live_tags_idx" ON "Instance" USING gin (tags) WHERE "deletedAt" IS NULL;

-- The beginning of an address: the unique index of addresses starts with their network.
CREATE INDEX "Nic_ipv4_prefix_idx" ON "Nic" (ipv4 text_pattern_ops);

-- What runs now, of a history of any length.
CREATE INDEX "Operation_open_idx" ON "Operation" ("organizationId", "createdAt" DESC, id DESC) WHERE state IN ('pending', 'running', 'waiting');

-- The few that learn an address from their LAN, for the same search.
CREATE INDEX "InstanceRuntime_learned_idx" ON "InstanceRuntime" ("instanceId") WHERE "learnedAddresses" <> '{}';
