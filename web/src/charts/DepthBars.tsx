import type { DimensionFigure } from '../api/types';
import { formatFixed, formatShare } from '../lib/format';
import { usePreferences } from '../ui/preferences';
import { Term } from '../ui/bits';

/** Depth in each of the seven dimensions; what no source shows is hatched and named, not zero. */
export function DepthBars({ dimensions }: { dimensions: DimensionFigure[] }) {
  const { t, language, named } = usePreferences();
  return (
    <ul className="depth-bars">
      {dimensions.map((dimension) => (
        <li key={dimension.dimension} className={dimension.observable ? undefined : 'unseen'}>
          <span className="depth-name"><Term word={`dimension_${dimension.dimension}`}>{named('dimension', dimension.dimension)}</Term></span>
          {dimension.observable ? (
            <>
              <span className="depth-track" aria-hidden="true">
                <span className="depth-fill" style={{ width: `${dimension.depth_bp / 100}%` }} />
              </span>
              <span className="num depth-value">{formatFixed(dimension.depth_bp / 10_000, language, 2)}</span>
              <span className="num muted depth-weight">{t('depth.weight', { share: formatShare(dimension.weight_bp, 10_000, language) })}</span>
            </>
          ) : (
            <span className="hatched depth-hatched">{t('observable.short')}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
