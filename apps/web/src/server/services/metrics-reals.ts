/** Of an array as `array_send` gives it: dimensions, flags, the elements' type; then of each dimension its length and lower bound. */
const HEADER_BYTES = 12;
const DIMENSION_BYTES = 8;
/** Before each element its length; that of NULL is −1. */
const LENGTH_BYTES = 4;

/**
 * The values of a one-dimensional `real[]`, as `array_send` wrote them (the wire protocol's own binary format, src/backend/utils/adt/arrayfuncs.c). As text a year's
 * chart is 420,000 numbers to print and to read again, several times the work.
 * @throws RangeError when the bytes are cut short.
 */
export function decodeReals(bytes: Uint8Array): (number | null)[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getInt32(0) === 0) return [];
  const values: (number | null)[] = new Array(view.getInt32(HEADER_BYTES));
  let at = HEADER_BYTES + DIMENSION_BYTES;
  for (let index = 0; index < values.length; index++) {
    const length = view.getInt32(at);
    at += LENGTH_BYTES;
    values[index] = length < 0 ? null : view.getFloat32(at);
    at += Math.max(0, length);
  }
  return values;
}
