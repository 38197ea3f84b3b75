import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { m } from '../../src/lib/paraglide/messages.js';
import { overwriteGetLocale } from '../../src/lib/paraglide/runtime.js';

const LOCALES = ['en', 'fr', 'de'] as const;
type Form = { match: Record<string, string> };
type Message = string | Form[];

function messagesOf(locale: string): Record<string, Message> {
  const file = new URL(`../../messages/${locale}.json`, import.meta.url);
  const all = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Message>);
  return Object.fromEntries(all.filter(([key]) => key !== '$schema'));
}

function textsOf(message: Message): string[] {
  return typeof message === 'string' ? [message] : message.flatMap((form) => Object.values(form.match));
}

function inputsOf(message: Message): string[] {
  const names = textsOf(message).flatMap((text) =>
    [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? ''),
  );
  return [...new Set(names)].sort();
}

const english = messagesOf('en');

describe.each(LOCALES)('messages in %s', (locale) => {
  const messages = messagesOf(locale);

  test('have the same keys', () => {
    expect(Object.keys(messages).sort()).toEqual(Object.keys(english).sort());
  });

  test('are never empty', () => {
    const empty = Object.entries(messages).filter(([, message]) =>
      textsOf(message).some((text) => text.trim() === ''),
    );
    expect(empty).toEqual([]);
  });

  test('name the same inputs', () => {
    for (const [key, message] of Object.entries(messages)) {
      expect(inputsOf(message), key).toEqual(inputsOf(english[key] ?? ''));
    }
  });

  test('cover every plural form of the language', () => {
    for (const [key, message] of Object.entries(messages)) {
      if (typeof message === 'string') continue;
      expect(Object.keys(message[0]?.match ?? {}), key).toContain('form=*');
    }
  });
});

test('French numbers that are neither one nor other still get a text', () => {
  overwriteGetLocale(() => 'fr');
  expect(m.queues_count({ count: 1_000_000, number: '1 000 000' })).toBe('1 000 000 files d’attente');
  overwriteGetLocale(() => 'en');
  expect(m.queues_count({ count: 1, number: '1' })).toBe('1 queue');
});
