export const securityGroups = {} as const;
