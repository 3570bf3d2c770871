/**
 * What is said to whoever holds a link to a console: here, so that the dashboard can say the same in other languages (it looks a sentence
 * up by its English), and so that centre, relay and agent say the same.
 */
export const SHARE_WORDS = {
  linkUnknown: "This link does not exist, or was taken back. Ask whoever gave it to you for another.",
  linkExpired: "This link has expired. Ask whoever gave it to you for another.",
  linkMakerMayNot: "Whoever made this link may no longer open the console. Ask somebody who may.",
  /** Why a stream that a link had opened ended; what to do about it is said after it. */
  linkTakenBack: "This link was taken back.",
  linkOver: "The link has expired.",
} as const;
