/** No look-alikes (0 O, 1 l I), and no y or z, which change places on German keyboards: it may be typed into a console. */
const ALPHABET = "abcdefghjkmnpqrstuvwxABCDEFGHJKLMNPQRSTUVWX23456789";

/** 20 characters, about 113 bits, from the platform's secure generator; without bias. */
export function generatePassword(length = 20): string {
  const limit = 256 - (256 % ALPHABET.length);
  let password = "";
  while (password.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      if (byte < limit && password.length < length) password += ALPHABET[byte % ALPHABET.length];
    }
  }
  return password;
}
