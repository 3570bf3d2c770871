/** Where this part of the agent says what it did and found. Never given a secret. */
export type NetworkLog = (level: "info" | "warning" | "error", message: string) => void;
