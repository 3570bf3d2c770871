/** By what long lists are sorted. */
export const INSTANCE_SORTS = ["created", "name", "state", "host"] as const;
export const HOST_SORTS = ["name", "state", "site", "enrolled"] as const;

/** Characters of a tag that instances are looked for by. */
export const TAG_LIMITS = { key: 100, value: 200 } as const;

/** Instances in one request for many. */
export const MAX_ACT_MANY = 200;
