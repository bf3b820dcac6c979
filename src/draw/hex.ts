// Bytes as lower-case hex, the form every hash, secret and signature of the draw has in public.

/** Whether the text is lower-case hex of exactly so many bytes. */
export function isHex(text: string, byteCount: number): boolean {
  return text.length === byteCount * 2 && /^[0-9a-f]*$/.test(text);
}

/** The bytes of a lower-case hex text; anything else is a bug of the caller. */
export function bytesOfHex(hex: string): Uint8Array {
  if (!isHex(hex, hex.length >>> 1)) throw new RangeError(`"${hex.slice(0, 80)}" is not lower-case hex`);
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}
