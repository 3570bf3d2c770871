export const invitation = {
  pageTitle: "Invitation",
  broken: "This invitation does not work",
  lookingUp: "Looking up the invitation…",
  join: "Join {organization}",
  invitedAs: "You are invited as <strong>{role}</strong>.",
  signedInAs: "You are signed in as <who>{name}</who> ({email}).",
  accept: "Accept invitation",
  forThisAddress: "The invitation is for this address.",
  createAndJoin: "Create account and join",
  addressKnown: "This address has an account.",
  knownAlready: "You have an account already?",
  signInToAccept: "Sign in to accept",
} as const;
