/**
 * Sealing to a Link's key with libsodium's sealed boxes (X25519, XSalsa20-Poly1305).
 *
 * The library is large and needs WebAssembly, so it is loaded when the first secret is sealed. Nobody but the Link can
 * open the box, this page included.
 * Failure: a key that is not 32 bytes of base64, or a browser without WebAssembly, throws; nothing is sent then.
 */

/** Seals a text (UTF-8) to a public key (base64 of 32 bytes); the answer is base64. */
export async function sealToLink(publicKey: string, text: string): Promise<string> {
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  const { ORIGINAL } = sodium.base64_variants;
  const key = sodium.from_base64(publicKey, ORIGINAL);
  return sodium.to_base64(sodium.crypto_box_seal(sodium.from_string(text), key), ORIGINAL);
}
