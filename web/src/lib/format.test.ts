import { describe, expect, it } from 'vitest';
import {
  addDays, daysBetween, formatBytes, formatCompact, formatCount, formatDay, formatDelta, formatDuration, formatFixed,
  formatMoney, formatShare, isDay, kAbsent, minorDigits,
} from './format';

describe('counts', () => {
  it('groups digits in both languages', () => {
    expect(formatCount(1044847, 'en')).toBe('1,044,847');
    expect(formatCount(1044847, 'zh-CN')).toBe('1,044,847');
  });
  it('shows what is absent as a dash, never as zero', () => {
    expect(formatCount(null, 'en')).toBe(kAbsent);
    expect(formatCount(undefined, 'zh-CN')).toBe(kAbsent);
    expect(formatMoney(null, 'CNY', 'en')).toBe(kAbsent);
    expect(formatFixed(Number.NaN, 'en', 2)).toBe(kAbsent);
  });
  it('writes large figures short, each language by its own powers', () => {
    expect(formatCompact(12_345, 'en')).toBe('12.3K');
    expect(formatCompact(12_345, 'zh-CN')).toBe('1.2万');
  });
});

describe('changes', () => {
  it('carry their sign, with a real minus', () => {
    expect(formatDelta(12, 'en')).toBe('+12');
    expect(formatDelta(-1234, 'en')).toBe('−1,234');
    expect(formatDelta(0, 'en')).toBe('±0');
    expect(formatDelta(-0.04, 'en', 1)).toBe('±0.0');
    expect(formatDelta(0.25, 'zh-CN', 2)).toBe('+0.25');
  });
});

describe('shares', () => {
  it('never round a present few to none, nor nearly all to all', () => {
    expect(formatShare(1, 100_000, 'en')).toBe('< 0.1%');
    expect(formatShare(99_999, 100_000, 'zh-CN')).toBe('>99.9%');
    expect(formatShare(0, 10, 'en')).toBe('0.0%');
    expect(formatShare(10, 10, 'en')).toBe('100.0%');
    expect(formatShare(1, 0, 'en')).toBe(kAbsent);
  });
});

describe('money', () => {
  it('is exact in minor units', () => {
    expect(formatMoney(1999, 'CNY', 'zh-CN')).toBe('¥19.99');
    expect(formatMoney(-5, 'GBP', 'en')).toBe('−£0.05');
    expect(formatMoney(0, 'GBP', 'en')).toBe('£0.00');
    expect(formatMoney(123456789012345, 'GBP', 'en')).toBe('£1,234,567,890,123.45');
  });
  it('knows currencies without and with three minor digits', () => {
    expect(minorDigits('JPY')).toBe(0);
    expect(minorDigits('KWD')).toBe(3);
    expect(formatMoney(1500, 'JPY', 'en')).toBe('¥1,500');
    expect(formatMoney(1500, 'KWD', 'en')).toBe('KWD 1.500');
  });
  it('survives a currency that is none', () => {
    expect(formatMoney(100, '<b>', 'en')).toBe('<b> 1.00');
    expect(formatMoney(100, null, 'en')).toBe('1.00');
  });
});

describe('days', () => {
  it('are written without any zone', () => {
    expect(formatDay('2011-12-09', 'en')).toBe('9 Dec 2011');
    expect(formatDay('2011-12-09', 'zh-CN')).toBe('2011年12月9日');
    expect(formatDay(null, 'en')).toBe(kAbsent);
  });
  it('are checked', () => {
    expect(isDay('2011-02-29')).toBe(false);
    expect(isDay('2012-02-29')).toBe(true);
    expect(isDay("2011-12-09'")).toBe(false);
    expect(isDay('')).toBe(false);
  });
  it('add and subtract over month and year ends', () => {
    expect(addDays('2011-12-31', 1)).toBe('2012-01-01');
    expect(addDays('2012-03-01', -1)).toBe('2012-02-29');
    expect(daysBetween('2011-12-09', '2012-12-08')).toBe(365);
  });
});

describe('durations and sizes', () => {
  it('show two parts at most', () => {
    expect(formatDuration(200, 'en')).toBe('3 min 20 s');
    expect(formatDuration(3 * 3600 + 5, 'zh-CN')).toBe('3小时');
    expect(formatDuration(0.2, 'en')).toBe('0 s');
    expect(formatDuration(Number.POSITIVE_INFINITY, 'en')).toBe(kAbsent);
  });
  it('use binary units', () => {
    expect(formatBytes(512, 'en')).toBe('512 B');
    expect(formatBytes(1536, 'en')).toBe('1.5 KiB');
    expect(formatBytes(25 * 1024 ** 3, 'en')).toBe('25.0 GiB');
  });
});
