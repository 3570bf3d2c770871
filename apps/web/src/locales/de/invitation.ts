import type { invitation as source } from "../en/invitation";
import type { Translation } from "../messages";

export const invitation: Translation<typeof source> = {
  pageTitle: "Einladung",
  broken: "Diese Einladung funktioniert nicht",
  lookingUp: "Die Einladung wird nachgeschlagen …",
  join: "{organization} beitreten",
  invitedAs: "Eingeladen als <strong>{role}</strong>.",
  signedInAs: "Angemeldet als <who>{name}</who> ({email}).",
  accept: "Einladung annehmen",
  forThisAddress: "Die Einladung gilt für diese Adresse.",
  createAndJoin: "Konto anlegen und beitreten",
  addressKnown: "Zu dieser Adresse gibt es schon ein Konto.",
  knownAlready: "Schon ein Konto?",
  signInToAccept: "Zum Annehmen anmelden",
};
