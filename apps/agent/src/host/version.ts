import manifest from "../../package.json";

export const AGENT_VERSION: string = manifest.version;
