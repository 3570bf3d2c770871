import type { live as source } from "../en/live";
import type { Translation } from "../messages";

export const live: Translation<typeof source> = {
  reconnecting: "Verbindung wird wiederhergestellt … Das Angezeigte ist möglicherweise nicht aktuell.",
};
