/**
 * Five by seven pixels per glyph, drawn for this screen: seven rows, each a base-32 digit whose five bits are the pixels from
 * left to right. Small letters are shown as capitals.
 */
const GLYPHS: Readonly<Record<string, string>> = {
  A: "ehhvhhh",
  B: "uhhuhhu",
  C: "ehggghe",
  D: "uhhhhhu",
  E: "vgguggv",
  F: "vgguggg",
  G: "ehgnhhe",
  H: "hhhvhhh",
  I: "e44444e",
  J: "72222ic",
  K: "hikokih",
  L: "ggggggv",
  M: "hrllhhh",
  N: "hhpljhh",
  O: "ehhhhhe",
  P: "uhhuggg",
  Q: "ehhhlid",
  R: "uhhukih",
  S: "fgge11u",
  T: "v444444",
  U: "hhhhhhe",
  V: "hhhhha4",
  W: "hhhllla",
  X: "hha4ahh",
  Y: "hhha444",
  Z: "v1248gv",
  "0": "ehjlphe",
  "1": "4c4444e",
  "2": "eh1248v",
  "3": "v2421he",
  "4": "26aiv22",
  "5": "vgu11he",
  "6": "68guhhe",
  "7": "v124888",
  "8": "ehhehhe",
  "9": "ehhf12c",
  " ": "0000000",
  "-": "000v000",
  ".": "00000cc",
  ":": "0cc0cc0",
  "/": "01248g0",
  "\\": "0g84210",
  _: "000000v",
  "#": "aavavaa",
  $: "4fke5u4",
  "@": "eh1dlle",
  "(": "2488842",
  ")": "8422248",
  ",": "0000c48",
  ";": "0cc0c48",
  "'": "4480000",
  '"': "aa00000",
  "!": "4444004",
  "?": "eh12404",
  "+": "044v440",
  "=": "00v0v00",
  "*": "04lel40",
  "<": "248g842",
  ">": "8421248",
  "[": "e88888e",
  "]": "e22222e",
  "%": "op248j3",
  "&": "cik8lid",
  "|": "4444444",
};
const UNKNOWN = "vhhhhhv";

export const GLYPH_WIDTH = 5;
export const GLYPH_HEIGHT = 7;

/** Whether the pixel of a character is lit. */
export function glyphPixel(character: string, x: number, y: number): boolean {
  const rows = GLYPHS[character.toUpperCase()] ?? UNKNOWN;
  return ((Number.parseInt(rows.charAt(y), 32) >> (GLYPH_WIDTH - 1 - x)) & 1) === 1;
}
