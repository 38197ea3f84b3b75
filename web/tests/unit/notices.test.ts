import { expect, test } from 'vitest';
import { codedText, isUrgent } from '../../src/lib/i18n/notices';

const coded = (code: string, parameters: Record<string, string> = {}) => ({
  code,
  text: 'in English',
  parameters,
});

test('texts are made of code and values', () => {
  expect(codedText(coded('columns-gone', { table: 'hsplit', columns: 'holdtime' }))).toContain(
    'hsplit no longer has holdtime',
  );
  expect(codedText(coded('traced-agents', { acd: '1', count: '1' }))).toContain('1 agent of ACD 1 is traced');
  expect(codedText(coded('aux-reasons', { table: 'hagent', count: '10' }))).toBe(
    'hagent has 10 AUX reasons.',
  );
});

test('a code of a newer Hub is shown as it came', () => {
  expect(codedText(coded('tables-danced'))).toBe('in English');
});

test('a doubted zone says why, and which zones fit', () => {
  const zone = { acd: '2', zone: 'Europe/Paris', cause: 'future', likely: 'Asia/Tokyo' };
  expect(codedText(coded('zone-doubtful', zone))).toBe(
    'The time zone of ACD 2 looks wrong. Under Europe/Paris its rows come from the future. These zones fit: Asia/Tokyo.',
  );
  expect(codedText(coded('zone-doubtful', { ...zone, likely: '' }))).toContain(
    'None of the usual zones fits',
  );
});

test('what goes away and what is wrong asks for action, what comes does not', () => {
  expect(['table-gone', 'zone-doubtful', 'trace-stopped'].every(isUrgent)).toBe(true);
  expect(['table-new', 'acd-new', 'interval-changed'].some(isUrgent)).toBe(false);
});
