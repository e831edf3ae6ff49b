import type { Posting } from '../api/types';
import { useWordOf } from './hooks';
import { usePreferences } from './preferences';

type Told = Pick<Posting, 'rise' | 'cause' | 'fact' | 'value_text' | 'bar_text'>;

/** Facts that a gate wants small: what would have kept the tier is staying under the bar. */
const wantedSmall = new Set(['silence_days', 'silence_rhythms']);

/** What tipped a change of tier and what would have kept it, in a sentence. */
export function PostingSentence({ posting }: { posting: Told }) {
  const { t } = usePreferences();
  const wordOf = useWordOf();
  const fact = posting.fact ? wordOf('facts', posting.fact) : null;
  const small = posting.fact !== null && posting.fact !== undefined && wantedSmall.has(posting.fact);
  // Rounded for reading, both may look the same: then say on which side of the bar it was.
  const close = posting.value_text === posting.bar_text;
  const values = { fact: fact ?? '', value: posting.value_text, bar: posting.bar_text };
  if (posting.rise) {
    if (!fact) return <>{t('posting.rise_plain')}</>;
    return <>{t(small ? 'posting.rise_small' : close ? 'posting.rise_close' : 'posting.rise', values)}</>;
  }
  const cause = t(posting.cause === 'breach' ? 'posting.breach' : posting.cause === 'silence' ? 'posting.silence' : 'posting.evidence');
  if (!fact) return <>{cause}</>;
  const told = small ? (close ? 'posting.fall_small_close' : 'posting.fall_small') : close ? 'posting.fall_close' : 'posting.fall';
  return <>{cause}{t('posting.joint')}{t(told, values)}</>;
}
