import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphPixel } from "./bitmap-font";

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** 0xRRGGBB per pixel. */
export class Screen {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint32Array(width * height);
  }

  fill(area: Rectangle, colour: number): void {
    for (let y = Math.max(0, area.y); y < Math.min(this.height, area.y + area.height); y++) {
      this.pixels.fill(colour, y * this.width + Math.max(0, area.x), y * this.width + Math.min(this.width, area.x + area.width));
    }
  }

  /** One line of text, cut at the right edge. `scale` is pixels per pixel of the font. */
  text(words: string, x: number, y: number, scale: number, colour: number): void {
    [...words].forEach((character, index) => {
      const left = x + index * (GLYPH_WIDTH + 1) * scale;
      for (let row = 0; row < GLYPH_HEIGHT; row++) {
        for (let column = 0; column < GLYPH_WIDTH; column++) {
          if (!glyphPixel(character, column, row)) continue;
          this.fill({ x: left + column * scale, y: y + row * scale, width: scale, height: scale }, colour);
        }
      }
    });
  }
}
