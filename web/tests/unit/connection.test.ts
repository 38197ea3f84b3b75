import sodium from 'libsodium-wrappers';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConnectionStringError, parseConnectionString } from '../../src/lib/connection/parse';
import { sealToLink } from '../../src/lib/connection/seal';
import { splitForSealing } from '../../src/lib/connection/split';

interface Vectors {
  parse: { text: string; pairs: [string, string][]; open: string; toSeal: string }[];
  refused: { text: string; error: string }[];
}

/** The cases that the Hub and the Link are tested with. */
const file = new URL('../../../crates/connection-string/tests/vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

test.each(vectors.parse)('$text is read and split as the Link does', ({ text, pairs, open, toSeal }) => {
  const segments = parseConnectionString(text);
  expect(segments.map((segment) => segment.raw).join(';')).toBe(text);
  expect(segments.flatMap(({ pair }) => (pair ? [[pair.keyword, pair.value]] : []))).toEqual(pairs);
  expect(splitForSealing(segments)).toEqual({ open, toSeal });
});

test.each(vectors.refused)('$text is refused, and its error holds no value', ({ text, error }) => {
  let thrown: unknown = null;
  try {
    parseConnectionString(text);
  } catch (fault) {
    thrown = fault;
  }
  expect(thrown).toBeInstanceOf(ConnectionStringError);
  expect((thrown as ConnectionStringError).fault).toBe(error);
  expect(String(thrown)).not.toContain('hunter2');
});

test('keywords are sealed in the order of their bytes', () => {
  const { toSeal } = splitForSealing(parseConnectionString('b=1;\u{1F600}=2;\uFFFD=3;A=4'));
  expect(toSeal.split('\n').slice(1)).toEqual(['a=4', 'b=1', '\uFFFD=3', '\u{1F600}=2']);
});

test('only the holder of the key can open what was sealed', async () => {
  await sodium.ready;
  const link = sodium.crypto_box_keypair();
  const key = sodium.to_base64(link.publicKey, sodium.base64_variants.ORIGINAL);
  const box = sodium.from_base64(await sealToLink(key, 'pwd=é'), sodium.base64_variants.ORIGINAL);
  expect(sodium.to_string(sodium.crypto_box_seal_open(box, link.publicKey, link.privateKey))).toBe('pwd=é');
  const other = sodium.crypto_box_keypair();
  expect(() => sodium.crypto_box_seal_open(box, other.publicKey, other.privateKey)).toThrow();
  await expect(sealToLink('short', 'pwd=é')).rejects.toThrow();
});
