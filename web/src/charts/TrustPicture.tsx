import type { Reading } from '../api/types';
import type { Person } from '../api/types';
import { formatFixed } from '../lib/format';
import { usePreferences } from '../ui/preferences';
import { Term } from '../ui/bits';

/**
 * Trust as an interval: what is proven good from the left, what is proven bad from the right, and
 * between them what is not known. The mark is trust: initial trust's share of the unknown is added
 * to the good. The interval's width is the uncertainty.
 */
export function TrustPicture({ parts, reading }: { parts: Person['trust']; reading: Reading }) {
  const { t, language } = usePreferences();
  const whole = parts.good_16 + parts.bad_16 + parts.prior_16;
  const good = whole > 0 ? parts.good_16 / whole : 0;
  const bad = whole > 0 ? parts.bad_16 / whole : 0;
  const trust = reading.trust_bp / 10_000;
  const number = (value: number) => formatFixed(value / 65_536, language, 2);
  return (
    <div className="trust">
      <div className="trust-scale" role="img" aria-label={t('trust.label', { trust: formatFixed(trust, language, 2), low: formatFixed(good, language, 2), high: formatFixed(1 - bad, language, 2) })}>
        <span className="trust-good" style={{ width: `${good * 100}%` }} />
        <span className="trust-open" style={{ left: `${good * 100}%`, width: `${Math.max(0, 1 - good - bad) * 100}%` }} />
        <span className="trust-bad" style={{ width: `${bad * 100}%` }} />
        <span className="trust-mark" style={{ left: `${trust * 100}%` }} />
      </div>
      <div className="trust-ends num muted"><span>0</span><span>0.5</span><span>1</span></div>
      <p className="num">
        <Term word="uncertainty" /> {formatFixed(reading.uncertainty_bp / 10_000, language, 2)}
        <span className="muted"> · {t('trust.between', { low: formatFixed(good, language, 2), high: formatFixed(1 - bad, language, 2) })}</span>
      </p>
      <p className="formula small num muted">
        ({number(parts.good_16)} + {number(parts.initial_16)} × {number(parts.prior_16)}) ÷ ({number(parts.good_16)} + {number(parts.bad_16)} + {number(parts.prior_16)})
        <br />{t('trust.formula')}
      </p>
    </div>
  );
}
