/** Sentences that the browser says by itself, in English first: known words (known-words.ts), apart from the many of the contract. */
export const OWN_WORDS = {
  portsLike: "Give a port like 443, or a range like 5000-5010.",
  currentPassword: "Give your current password.",
  noAnswer: "Indium did not answer. It may be starting again, or the connection is down; nothing on your hosts is affected.",
  somethingWrong: "Something went wrong in Indium.",
  tooLong: "This is too long, or too much.",
  tooShort: "This is too short, or too little.",
  unusable: "This cannot be used.",
} as const;
