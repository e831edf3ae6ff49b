// Figures, days and money as the reader's language writes them. Every function takes the language,
// so that the same figure can be tested in both.

export type Language = 'zh-CN' | 'en';

const numberCache = new Map<string, Intl.NumberFormat>();
function numberFormat(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  let made = numberCache.get(key);
  if (!made) {
    made = new Intl.NumberFormat(language, options);
    numberCache.set(key, made);
  }
  return made;
}

/** A dash for what is not there: never a zero. */
export const kAbsent = '–';

export function formatCount(value: number | null | undefined, language: Language): string {
  if (value === null || value === undefined || Number.isNaN(value)) return kAbsent;
  return numberFormat(language, { maximumFractionDigits: 0 }).format(value);
}

/** 12,345 -> "12K" / "1.2万", for axes and narrow places. */
export function formatCompact(value: number, language: Language): string {
  return numberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** "+12", "−3", "±0": a change, with a real minus sign. */
export function formatDelta(value: number, language: Language, digits = 0): string {
  const shown = numberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(Math.abs(value));
  if (Number(Math.abs(value).toFixed(digits)) === 0) return `±${shown}`;
  return (value > 0 ? '+' : '−') + shown;
}

export function formatFixed(value: number | null | undefined, language: Language, digits: number): string {
  if (value === null || value === undefined || Number.isNaN(value)) return kAbsent;
  const shown = numberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(Math.abs(value));
  return value < 0 && Number(Math.abs(value).toFixed(digits)) !== 0 ? `−${shown}` : shown;
}

/** A share of a whole: 0.0312 -> "3.1 %" (en) / "3.1%" (zh). Tiny shares do not become 0. */
export function formatShare(part: number, whole: number, language: Language): string {
  if (whole <= 0) return kAbsent;
  const share = part / whole;
  if (part > 0 && share < 0.001) return language === 'en' ? '< 0.1%' : '<0.1%';
  if (part < whole && share > 0.999) return language === 'en' ? '> 99.9%' : '>99.9%';
  return numberFormat(language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(
    share,
  );
}

const minorDigitsCache = new Map<string, number>();
/** How many digits the currency has after the point: 2 for CNY, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  const known = minorDigitsCache.get(currency);
  if (known !== undefined) return known;
  let digits = 2;
  try {
    digits =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    digits = 2; // not a currency code we know: two is what the server assumes too
  }
  minorDigitsCache.set(currency, digits);
  return digits;
}

/**
 * Money from minor units; `statedDigits` are those the server says the currency has. Minor units may be larger than 2^53 only in nonsense data; integers come
 * as numbers and are split before formatting, so no cent is lost to floating point.
 */
export function formatMoney(
  minor: number | null | undefined,
  currency: string | null | undefined,
  language: Language,
  statedDigits?: number,
): string {
  if (minor === null || minor === undefined || Number.isNaN(minor)) return kAbsent;
  const digits = statedDigits ?? (currency ? minorDigits(currency) : 2);
  const negative = minor < 0;
  const text = BigInt(Math.trunc(Math.abs(minor))).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  const rest = digits > 0 ? `.${text.slice(text.length - digits)}` : '';
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  const symbol = currency ? currencySymbol(currency, language) : '';
  return `${negative ? '−' : ''}${symbol}${grouped}${rest}`;
}

function currencySymbol(currency: string, language: Language): string {
  try {
    const part = new Intl.NumberFormat(language, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
      .formatToParts(0)
      .find((p) => p.type === 'currency');
    const symbol = part?.value ?? currency;
    return /^[A-Z]{2,}$/.test(symbol) ? `${symbol} ` : symbol;
  } catch {
    return `${currency} `;
  }
}

const dayPattern = /^(-?\d{4,6})-(\d{2})-(\d{2})$/;
/** A brand's day "2011-12-09": no zone enters, it is a day and not a moment. */
export function formatDay(day: string | null | undefined, language: Language): string {
  if (!day) return kAbsent;
  const match = dayPattern.exec(day);
  if (!match) return day;
  if (language === 'zh-CN') return `${match[1]}年${Number(match[2])}月${Number(match[3])}日`;
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  return `${Number(match[3])} ${months[Number(match[2]) - 1] ?? match[2]} ${match[1]}`;
}

/** For axes: "9 Dec 11" / "11-12-09". */
export function formatShortDay(day: string, language: Language): string {
  if (language === 'zh-CN') return day.slice(2);
  return formatDay(day, language).replace(/ \d\d(\d\d)$/, ' $1');
}

export function isDay(text: string | null | undefined): text is string {
  if (!text || !dayPattern.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text;
}

export function addDays(day: string, days: number): string {
  const time = Date.parse(`${day}T00:00:00Z`);
  return new Date(time + days * 86_400_000).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** Seconds as "3 min 20 s" / "3 分 20 秒"; at most two parts. */
export function formatDuration(seconds: number, language: Language): string {
  if (!Number.isFinite(seconds) || seconds < 0) return kAbsent;
  const words = language === 'en' ? [' d', ' h', ' min', ' s'] : ['天', '小时', '分', '秒'];
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  const shown: string[] = [];
  for (let i = 0; i < parts.length && shown.length < 2; ++i) {
    const part = parts[i] ?? 0;
    if (part > 0) shown.push(`${part}${words[i]}`);
    else if (shown.length > 0) break;
  }
  return shown.length > 0 ? shown.join(language === 'en' ? ' ' : '') : `0${words[3]}`;
}

export function formatBytes(bytes: number | null | undefined, language: Language): string {
  if (bytes === null || bytes === undefined || Number.isNaN(bytes)) return kAbsent;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${formatFixed(value, language, unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

/** A moment in UTC as the reader's own clock shows it, to the minute. */
export function formatMoment(moment: string | null | undefined, language: Language): string {
  if (!moment) return kAbsent;
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit',
  }).format(new Date(moment));
}
