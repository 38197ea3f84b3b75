import { afterEach, describe, expect, test } from 'vitest';
import {
  formatClockDuration,
  formatDateLong,
  formatDateRange,
  formatInteger,
  formatPercent,
  formatPercentFigure,
  formatRelative,
  formatRoughDuration,
  formatSigned,
  formatTime,
  formatTimeWithOffset,
  weekdayInitials,
} from '../../src/lib/i18n/format';
import { overwriteGetLocale, type Locale } from '../../src/lib/paraglide/runtime.js';

function speak(locale: Locale) {
  overwriteGetLocale(() => locale);
}

/** The kinds of space that `Intl` uses, as plain ones. */
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f\u2009]/g, ' ');

afterEach(() => {
  speak('en');
});

describe('figures', () => {
  test('what is not known reads as a dash, never as nought', () => {
    for (const format of [
      formatInteger,
      formatPercent,
      formatPercentFigure,
      formatClockDuration,
      formatSigned,
    ]) {
      expect(format(null)).toBe('–');
      expect(format(undefined)).toBe('–');
    }
    expect(formatInteger(0)).toBe('0');
  });

  test.each([
    ['en', '12,345', '93.4%'],
    ['fr', '12 345', '93,4 %'],
    ['de', '12.345', '93,4 %'],
  ] as const)('read in the style of %s', (locale, count, share) => {
    speak(locale);
    expect(plain(formatInteger(12_345))).toBe(count);
    expect(plain(formatPercent(0.934))).toBe(share);
  });

  test('signs are shown for changes', () => {
    expect(formatSigned(3)).toBe('+3');
    expect(formatSigned(-2)).toBe('-2');
    expect(formatSigned(0)).toBe('0');
  });

  test('durations read as a clock', () => {
    expect(formatClockDuration(272)).toBe('4:32');
    expect(formatClockDuration(3723)).toBe('1:02:03');
    expect(formatClockDuration(59.6)).toBe('1:00');
    expect(formatClockDuration(0)).toBe('0:00');
    expect(plain(formatRoughDuration(301))).toBe('6 min');
  });
});

describe('dates and times', () => {
  test('read in the language, in the site’s zone', () => {
    expect(formatDateLong('2026-11-22')).toMatch(/Sunday.*22 November 2026/);
    speak('fr');
    expect(formatDateLong('2026-11-22')).toBe('dimanche 22 novembre 2026');
    speak('de');
    expect(formatDateLong('2026-11-22')).toBe('Sonntag, 22. November 2026');
    expect(weekdayInitials()[0]?.long).toBe('Montag');
    expect(formatDateRange('2026-11-16', '2026-11-22')).toMatch(/16.*22.*2026/);
  });

  test('the repeated hour reads as two different times', () => {
    const first = Date.parse('2026-10-25T00:30:00Z') / 1000;
    expect(formatTime(first, 'Europe/Paris')).toBe('02:30');
    expect(formatTime(first + 3600, 'Europe/Paris')).toBe('02:30');
    const texts = [first, first + 3600].map((at) => formatTimeWithOffset(at, 'Europe/Paris'));
    expect(new Set(texts).size).toBe(2);
  });

  test('time since an instant is put in words', () => {
    expect(formatRelative(1000, 1010)).toBe('now');
    expect(formatRelative(1000, 1180)).toBe('3 minutes ago');
    speak('de');
    expect(formatRelative(1000, 8200)).toBe('vor 2 Stunden');
  });
});
