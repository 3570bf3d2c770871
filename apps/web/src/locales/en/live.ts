export const live = { reconnecting: "Reconnecting… What you see may be out of date." } as const;
